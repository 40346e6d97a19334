/**
 * What became of the own changes, in words: what happened, what was kept, what happens next. Codes are the ledger's
 * and never renamed; a code that this version of the app does not know is named as it is.
 */

import { say } from '../words.js';

const VERDICTS = {
  refused: {
    tone: 'problem',
    title: () => say('未被接受', 'Not accepted'),
    next: () => say('您写的内容仍在台账中，只是没有生效。请按下面的说明重新填写。', 'What you wrote stays in the ledger, but has no effect. Write it anew as said below.'),
  },
  held: {
    tone: 'waiting',
    title: () => say('暂挂，等待另一项到达', 'Held until something else arrives'),
    next: () => say('您不用做什么：它等待的记录一到就会生效。七天后仍未到达，会转给监管人员处理。', 'Nothing to do: it takes effect when the record that it waits for arrives. After seven days a supervisor is asked.'),
  },
  late: {
    tone: 'waiting',
    title: () => say('到得太迟，等待裁定', 'Too late; waits for a ruling'),
    next: () => say('您记录时有权这样写，但到达时检查已签字、已结束或已换人。内容已完整保存，由监管人员决定采纳或不采纳。请告知您的监管人员。', 'You were allowed to write it, but when it arrived the inspection was signed, closed or reassigned. It is kept whole; a supervisor adopts it or sets it aside. Tell your supervisor.'),
  },
  set_aside: {
    tone: 'problem',
    title: () => say('监管人员未采纳', 'Set aside by a supervisor'),
    next: () => say('请看决定中的理由。事实仍然成立的，请与监管人员联系，或写补充笔录。', 'Read the reason in the decision. If the fact still holds, speak to your supervisor or write a supplementary record.'),
  },
  conflict: {
    tone: 'waiting',
    title: () => say('与他人的填写不一致', 'Others wrote something else'),
    next: () => say('两个值都已保存；定下之前沿用原来的值。', 'Both values are kept; until one is settled the earlier one stands.'),
  },
};

const CODES = {
  not_allowed: () => say('您没有权限改动这一项，或检查已到不能改动的阶段。', 'You may not change this, or the inspection has passed the stage in which it may be changed.'),
  own_work: () => say('不能审核自己的工作。', 'Nobody reviews own work.'),
  unknown_type: () => say('服务器不认识这种记录。请更新应用。', 'The server does not know this kind of record. Update the app.'),
  unknown_field: () => say('服务器不认识这个字段。请更新应用。', 'The server does not know this field. Update the app.'),
  bad_value: () => say('填写的内容不符合要求。', 'A value does not meet its rule.'),
  bad_code: () => say('编码格式不对。', 'A code does not have its form.'),
  not_in_catalogue: () => say('编码不在这次检查所用的目录里。', 'The code is not in the catalogue of this inspection.'),
  bad_transition: () => say('当时的阶段不允许这一步。', 'The stage did not allow this step.'),
  base_unknown: () => say('手机依据的版本在台账里找不到。请同步后重填。', 'The ledger does not have the version that it was based on. Sync and write it anew.'),
  base_ahead: () => say('手机依据的版本比服务器新，服务器可能恢复过备份。请联系管理员。', 'It was based on a version beyond the server’s, which may have been restored. Call the administrator.'),
  record_voided: () => say('这条记录在您打开之前已经作废。', 'The record had been voided before you opened it.'),
  record_exists: () => say('同一编号的记录已经存在。', 'A record with this id exists.'),
  record_unknown: () => say('台账里没有这条记录。', 'The ledger has no such record.'),
  id_reused: () => say('同一编号用了两次，两份内容都已保存。请联系管理员。', 'One id was used twice; both are kept. Call the administrator.'),
  conflict_open: () => say('这一项有未定的冲突，先定下再改。', 'The field has an open conflict; settle it first.'),
  tx_member: () => say('同组的另一项没有被接受，所以这一项也没有生效。', 'Another change of the same group was not accepted, so this one has no effect either.'),
  malformed: () => say('内容的格式不对。请更新应用。', 'It does not have its form. Update the app.'),
  not_canonical: () => say('内容的格式不对。请更新应用。', 'It does not have its form. Update the app.'),
  too_large: () => say('内容太大。请分成几项填写。', 'It is too large. Split it.'),
};

/** @param {string} verdict @returns {{tone: string, title: string, next: string}} */
export function wordsOfVerdict(verdict) {
  const { tone, title, next } = VERDICTS[verdict] ?? { tone: 'unknown', title: () => verdict, next: () => '' };
  return { tone, title: title(), next: next() };
}

/** @param {string | undefined} code @returns {string} what a refusal's code says; empty where there is none */
export function wordsOfCode(code) {
  if (!code) return '';
  return CODES[code]?.() ?? say(`代码 ${code}`, `Code ${code}`);
}

/** The codes that have words. */
export const KNOWN_CODES = Object.keys(CODES);
/** The verdicts that have words. */
export const KNOWN_VERDICTS = Object.keys(VERDICTS);
