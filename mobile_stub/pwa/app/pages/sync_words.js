/** What a sync does and what became of an item, in words. */

import { moment, say, size } from '../words.js';

const OPS = {
  create: () => say('新建', 'New: '),
  edit: () => say('修改', 'Edited: '),
  void: () => say('作废', 'Voided: '),
  restore: () => say('恢复', 'Restored: '),
  resolve: () => say('裁定', 'Settled: '),
};

const RECEIVED = {
  applied: () => say('已入台账', 'In the ledger'),
  merged: () => say('已入台账，与他人的修改合并', 'In the ledger, merged with others’ edits'),
  same: () => say('台账里已是这样', 'The ledger had it so already'),
};

const PARTS = {
  push: ({ done, total }) => say(`正在上传记录 ${done}/${total ?? '…'}`, `Sending records ${done}/${total ?? '…'}`),
  pull: ({ done }) => say(`正在接收，已收到 ${done} 项`, `Receiving, ${done} so far`),
  catalogues: () => say('正在接收目录', 'Receiving catalogues'),
  files: ({ done, total, bytes, size: whole }) => whole
    ? say(`正在上传文件 ${done + 1}/${total}：${size(bytes ?? 0)} / ${size(whole)}`, `Sending file ${done + 1}/${total}: ${size(bytes ?? 0)} of ${size(whole)}`)
    : say('正在上传文件', 'Sending files'),
  check: () => say('正在核验台账', 'Verifying the ledger'),
};

const TROUBLES = {
  offline: () => say('连不上服务器。记录照常，内容都在这部手机上，网络恢复后自动上传。', 'The server cannot be reached. Go on recording: all of it is on this phone and is sent by itself once there is a network.'),
  not_the_server: () => say('回答的不是服务器，可能是公共网络的登录页。请登录该网络或换一个网络。', 'Something else than the server answered, perhaps a guest network’s sign-in page. Sign in there or use another network.'),
  busy: () => say('服务器正忙，稍后自动重试。', 'The server is busy; it is tried again by itself.'),
  too_many_requests: () => say('服务器正忙，稍后自动重试。', 'The server is busy; it is tried again by itself.'),
  storage_full: () => say('手机存储空间已满，请先删除一些照片或应用。', 'The phone’s storage is full: delete some pictures or apps first.'),
  drifting: () => say('手机上的数据与台账的汇总不一致，已重新取过仍不一致。请告诉主管。', 'What this phone holds does not match the ledger’s sums, also after fetching it anew. Tell your supervisor.'),
  stale_keys: () => say('服务器的密钥清单已过期。请告诉管理员。', 'The server’s key list has run out. Tell your administrator.'),
  alarmed: () => say('警报期间不上传也不接收，内容都保存着。', 'While the alarm lasts nothing is sent or received; everything is kept.'),
  stopped: () => say('这部手机已停用，内容都保存着。请按上方的说明办理。', 'This phone is stopped; everything is kept. Do as said above.'),
  device_fork: () => say('这部手机已停用，内容都保存着。请按上方的说明办理。', 'This phone is stopped; everything is kept. Do as said above.'),
  device_revoked: () => say('这部手机已停用，内容都保存着。请按上方的说明办理。', 'This phone is stopped; everything is kept. Do as said above.'),
  ledger_behind: () => say('服务器还没有恢复完，内容都保存着，之后自动补送。', 'The server is not recovered yet; everything is kept and sent again later by itself.'),
};

/** @param {string} op */
export const opWords = (op) => OPS[op]?.() ?? op;
/** @param {import('../standing.js').Item} item one with a receipt */
export const receivedWords = ({ outcome, received }) => [
  RECEIVED[outcome.verdict]?.() ?? say('已入台账', 'In the ledger'),
  received ? say(`回执 ${moment(received)}`, `receipt of ${moment(received)}`) : '',
].filter(Boolean).join(say('，', ', '));
/** @param {any} told the progress of a sync */
export const progressWords = (told) => PARTS[told.part]?.(told) ?? say('正在同步', 'Syncing');
/** @param {string} code @param {string} [detail] */
export const troubleWords = (code, detail) =>
  TROUBLES[code]?.() ?? say(`同步没有完成（${code}）。内容都保存着。${detail ?? ''}`, `The sync did not finish (${code}). Everything is kept. ${detail ?? ''}`);
