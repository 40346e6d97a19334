/** What became of an item, and what to do, in words. */

import { say } from '../words.js';

const OPS = {
  create: () => say('新建', 'New'),
  edit: () => say('修改', 'Edited'),
  void: () => say('作废', 'Voided'),
  restore: () => say('恢复', 'Restored'),
  resolve: () => say('裁定', 'Settled'),
};

const VERDICTS = {
  applied: () => say('已入台账', 'In the ledger'),
  merged: () => say('已入台账，与他人的修改合并', 'In the ledger, merged with others’ edits'),
  same: () => say('台账里已是这样', 'The ledger had it so already'),
  refused: () => say('被拒绝', 'Refused'),
  held: () => say('暂存，等待相关记录', 'Held, waits for another record'),
  late: () => say('来得太晚，等主管决定', 'Too late, the supervisor decides'),
  conflict: () => say('与他人的修改冲突', 'In conflict with somebody’s edit'),
  set_aside: () => say('主管未采纳', 'Set aside by the supervisor'),
};

const DO = {
  refused: () => say('没有生效，原文保存在台账里。请查看原因，需要时重新记录。', 'It is not in force; what you wrote is kept in the ledger. See why, and record it again if needed.'),
  held: () => say('它等的记录到达后自动生效；超过 7 天由主管处理。您不用做什么。', 'It comes into force by itself when what it waits for arrives; after 7 days the supervisor sees to it. Nothing to do for you.'),
  late: () => say('记录时允许，到达时已不允许（如已签字、结案）。主管会采纳或搁置。', 'It was allowed when you recorded it and no longer when it arrived (signed or closed since). The supervisor adopts it or sets it aside.'),
  conflict: () => say('两个值都保留着。请与对方商定后裁定。', 'Both values are kept. Agree with the other person and settle it.'),
  set_aside: () => say('原文保存在台账里。有疑问请问主管。', 'What you wrote is kept in the ledger. Ask your supervisor if in doubt.'),
};

const CODES = {
  not_allowed: () => say('您没有做这件事的权限。', 'You have no right to do this.'),
  record_voided: () => say('这条记录在您修改之前已作废。', 'This record had been voided before your edit.'),
  base_unknown: () => say('修改所依据的版本台账里没有。', 'The ledger knows no such version as your edit was based on.'),
  unknown_field: () => say('应用版本与服务器不一致，请更新应用。', 'The app’s version does not fit the server’s: update the app.'),
  bad_value: () => say('有一个值不合要求。', 'A value does not fit.'),
};

const TROUBLES = {
  offline: () => say('连不上服务器。记录照常，内容都在这部手机上，网络恢复后自动上传。', 'The server cannot be reached. Go on recording: all of it is on this phone and is sent by itself once there is a network.'),
  not_the_server: () => say('回答的不是服务器，可能是公共网络的登录页。请登录该网络或换一个网络。', 'Something else than the server answered, perhaps a guest network’s sign-in page. Sign in there or use another network.'),
  busy: () => say('服务器正忙，稍后自动重试。', 'The server is busy; it is tried again by itself.'),
  storage_full: () => say('手机存储空间已满，请先删除一些照片或应用。', 'The phone’s storage is full: delete some pictures or apps first.'),
  drifting: () => say('手机上的数据与台账的汇总不一致，已重新取过仍不一致。请告诉主管。', 'What this phone holds does not match the ledger’s sums, also after fetching it anew. Tell your supervisor.'),
  stale_keys: () => say('服务器的密钥清单已过期。请告诉管理员。', 'The server’s key list has run out. Tell your administrator.'),
};

/** @param {string} op */
export const opWords = (op) => OPS[op]?.() ?? op;
/** @param {string} verdict */
export const verdictWords = (verdict) => VERDICTS[verdict]?.() ?? verdict;
/** @param {{verdict: string, code?: string}} outcome */
export const doWords = ({ verdict, code }) => [CODES[code]?.(), DO[verdict]?.()].filter(Boolean).join(say('', ' '));
/** @param {string} code @param {string} [detail] */
export const troubleWords = (code, detail) =>
  TROUBLES[code]?.() ?? say(`同步没有完成（${code}）。内容都保存着。${detail ?? ''}`, `The sync did not finish (${code}). Everything is kept. ${detail ?? ''}`);
