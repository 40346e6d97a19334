/**
 * What the user must not miss: which warning holds, and in what words. Pure: from facts to words.
 *
 * A loud one covers the app until the user has read it, and stays as a band on top as long as it holds. The ledger's
 * contradiction is the only alarm; everything else is the ledger's own signed word, or a server that was restored.
 */

import { say } from '../words.js';

/**
 * @typedef {object} Warning
 * @property {string} id changes when something new is to be read
 * @property {boolean} loud
 * @property {'problem' | 'waiting'} tone
 * @property {string} title
 * @property {string[]} what happened
 * @property {string[]} next what to do
 * @property {'call' | 'renew' | null} way what the app offers for it
 */

const KEPT = (unsent) => unsent
  ? say(`您记录的一切都在这部手机上，其中 ${unsent} 项还没有回执。`, `All that you recorded is on this phone; ${unsent} of it without a receipt.`)
  : say('您记录的一切都有回执，也都还在这部手机上。', 'All that you recorded has its receipt and is still on this phone.');
const GOES_ON = () => say('可以继续记录。在查清之前，这部手机不再上传，也不再接收。', 'You can go on recording. Until it is cleared up this phone neither sends nor receives.');
const KEEP_DATA = () => say('不要清除浏览器数据，不要卸载应用：这部手机就是证据。', 'Do not clear the browser’s data or remove the app: this phone is the evidence.');

const WORDS = {
  alarm: {
    loud: true,
    tone: 'problem',
    way: 'call',
    title: () => say('警报：台账与这部手机所见相矛盾', 'Alarm: the ledger contradicts what this phone saw'),
    what: (unsent) => [
      say('服务器给出的内容，与这部手机先前核验过的台账对不上：可能有人改动过台账，也可能有人冒充服务器。', 'What the server says does not fit the ledger that this phone verified before: somebody may have altered the ledger, or poses as the server.'),
      KEPT(unsent),
      GOES_ON(),
    ],
    next: () => [
      say('请马上告诉您的主管和本单位的台账管理员：当面，或拨打您原来就知道的号码，并出示这一页。', 'Tell your supervisor and the bureau’s ledger administrator at once: in person, or by a number that you knew before. Show them this page.'),
      KEEP_DATA(),
    ],
  },
  device_fork: {
    loud: true,
    tone: 'problem',
    way: 'renew',
    title: () => say('这部手机已停用：出现了它的另一份副本', 'This phone is stopped: there is a second copy of it'),
    what: (unsent) => [
      say('服务器收到过以这部手机名义送来的另一组记录：数据可能被复制过，或从备份恢复过。两份都已保存，没有丢弃。', 'The server got other work in this phone’s name: its data was copied, or restored from a backup. Both are kept, nothing was thrown away.'),
      KEPT(unsent),
      say('可以继续记录，但这部手机不再上传。', 'You can go on recording, but this phone sends nothing more.'),
    ],
    next: () => [say('请告诉主管，并请管理员出示接替这部手机的登记码；扫描后未上传的内容会以新的身份送出。', 'Tell your supervisor, and ask the administrator for a code that takes this phone’s place; once it is scanned, what was not sent goes out under the new one.')],
  },
  device_revoked: {
    loud: true,
    tone: 'problem',
    way: 'renew',
    title: () => say('这部手机已被注销或报失', 'This phone was revoked or reported lost'),
    what: (unsent) => [
      say('本单位已停用这部手机。它保存的内容已交给服务器，由主管逐组决定是否采纳。', 'The bureau has stopped this phone. What it held was handed to the server, where a supervisor decides about it set by set.'),
      KEPT(unsent),
    ],
    next: () => [say('如果手机没有丢，请告诉管理员，并请他出示接替这部手机的登记码。', 'If the phone is not lost, tell the administrator and ask for a code that takes its place.')],
  },
  key_compromised: {
    loud: true,
    tone: 'problem',
    way: 'renew',
    title: () => say('台账的签名密钥已泄露并作废', 'The ledger’s signing key leaked and no longer counts'),
    what: (unsent) => [
      say('这部手机登记时核对的密钥不再可信，谁的签名都不算数，直到重新扫码核对。', 'The key that this phone pinned when it enrolled is not to be trusted; nobody’s signature counts until a code is scanned again.'),
      KEPT(unsent),
      GOES_ON(),
    ],
    next: () => [say('请当面向管理员扫描新的登记码。', 'Scan a new code in person at the administrator’s screen.')],
  },
  epoch: {
    loud: true,
    tone: 'waiting',
    way: null,
    title: () => say('台账从灾难中恢复，进入了新的纪元', 'The ledger was recovered after a disaster and goes on in a new epoch'),
    what: (unsent, { waiting = 0, missing = [] }) => [
      say('服务器丢失了最近的一段台账，并用离线恢复密钥签名说明了这一点。这部手机已核对过。', 'The server lost the latest part of the ledger and says so, signed with the offline recovery key. This phone has checked it.'),
      say('丢失的那一段里由这部手机送出的内容，会自动重新送出，并逐项核对回执。', 'What this phone had sent in the lost part is sent again by itself, and each receipt is checked.'),
      waiting ? say(`还有 ${waiting} 项等待新的回执。`, `${waiting} items wait for a new receipt.`) : '',
      missing.length ? say(`有 ${missing.length} 项没有找回，请告诉主管。`, `${missing.length} items were not found again: tell your supervisor.`) : '',
      KEPT(unsent),
    ],
    next: () => [say('您可以照常工作。如果主管没有通知过这次恢复，请当面问他。', 'Work on as usual. If your supervisor did not announce this, ask in person.')],
  },
  behind: {
    loud: false,
    tone: 'waiting',
    way: null,
    title: () => say('服务器从备份恢复过，还没有恢复完', 'The server was restored from a backup and is not recovered yet'),
    what: (unsent) => [
      say('它缺少这部手机已有回执的内容，因此暂时不能同步。', 'It lacks what this phone has receipts for, so nothing is synced for now.'),
      KEPT(unsent),
    ],
    next: () => [
      say('请告诉管理员：服务器需要用恢复密钥恢复台账。之后这部手机会自动补送。', 'Tell the administrator: the ledger has to be recovered with the recovery key. This phone then sends again by itself.'),
      KEEP_DATA(),
    ],
  },
  chain_differs: {
    loud: false,
    tone: 'problem',
    way: 'renew',
    title: () => say('服务器上这部手机的记录与手机上的不同', 'The server knows another history of this phone'),
    what: (unsent) => [
      say('这部手机的数据可能从备份恢复过，或被复制到了别处。', 'This phone’s data was probably restored from a backup, or copied elsewhere.'),
      KEPT(unsent),
    ],
    next: () => [say('请管理员出示接替这部手机的登记码。', 'Ask the administrator for a code that takes this phone’s place.')],
  },
  outdated_app: {
    loud: false,
    tone: 'waiting',
    way: null,
    title: () => say('这个版本的应用已不能记录', 'This version of the app records nothing more'),
    what: (unsent) => [say('本单位要求更新应用。没有上传的内容仍会先送出。', 'The bureau wants the app updated. What was not sent still leaves first.'), KEPT(unsent)],
    next: () => [say('请连上网络，同步后关闭应用再打开。', 'Connect to the network, sync, close the app and open it again.')],
  },
};

const BEHIND = new Set(['server_behind', 'ledger_behind']);

/**
 * Return the gravest warning that holds, null where there is none.
 * @param {{status: any, report: any, standing: any}} facts
 * @returns {Warning | null}
 */
export function warningOf({ status, report, standing }) {
  if (!status) return null;
  const { kind, about = '', more = {} } = kindOf(status, report?.errors ?? []) ?? {};
  if (!kind) return null;
  const { loud, tone, way, title, what, next } = WORDS[kind];
  const unsent = standing?.unsent ?? 0;
  return { id: `${kind}:${about}`, loud, tone, way, title: title(), what: what(unsent, more).filter(Boolean), next: next() };
}

function kindOf(status, errors) {
  const codes = errors.map(({ code }) => code);
  if (status.alarm) return { kind: 'alarm', about: status.alarm };
  if (codes.includes('key_compromised')) return { kind: 'key_compromised' };
  if (status.stopped) return { kind: status.stopped === 'device_fork' ? 'device_fork' : 'device_revoked' };
  if (codes.includes('chain_differs')) return { kind: 'chain_differs' };
  if (codes.some((code) => BEHIND.has(code))) return { kind: 'behind' };
  if (status.epoch_change) return { kind: 'epoch', about: status.head?.epoch, more: status.epoch_change };
  return status.app === 'read_only' ? { kind: 'outdated_app' } : null;
}
