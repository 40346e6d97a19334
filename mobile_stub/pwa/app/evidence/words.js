/** What the states of evidence are called, and the sign beside each word. */

import { say } from '../words.js';

/** @type {Record<import('./standing.js').State, () => string>} */
export const STATE_WORDS = {
  kept: () => say('在手机上，未上传', 'On this phone, not sent'),
  sent: () => say('已送出，等回执', 'Sent, waiting for the receipt'),
  file_waiting: () => say('记录有回执，文件待传', 'Record received, file waits'),
  received: () => say('回执已核验', 'Receipt verified'),
  pending_review: () => say('回执已核验，待审核', 'Receipt verified, under review'),
  approved: () => say('审核通过', 'Approved'),
  returned: () => say('被退回', 'Returned'),
  rejected: () => say('不予采用', 'Rejected'),
  superseded: () => say('已被替换', 'Superseded'),
  voided: () => say('已撤销', 'Taken back'),
  trouble: () => say('需要您处理', 'Needs you'),
};

export const SIGNS = { ok: 'tick', waiting: 'clock', problem: 'alarm', unknown: 'cross' };
