/** What went wrong before the app was open, in words: what happened, and what to do. */

import { say } from '../words.js';

const IMPOSTOR = () => say(
  '这台服务器不是登记码所指的那一台。没有交出任何东西。请不要继续，从本单位的屏幕上重新取登记码。',
  'This server is not the one that the code names. Nothing was handed over. Do not go on: take the code from your own bureau’s screen again.',
);

const WORDS = {
  no_prf: () => say('这部手机的指纹或面容不能用来解密，请继续用口令。', 'This phone’s fingerprint or face cannot decrypt; go on with the PIN.'),
  malformed: () => say('这不是完整的登记码。请重新扫描，或把整段文字粘贴进来。', 'This is not a whole enrolment code. Scan it again, or paste all of its text.'),
  offline: () => say('连不上服务器。登记时需要网络，请连上后再试。', 'The server cannot be reached. Enrolling needs the network: connect and try again.'),
  not_the_server: () => say('回答的不是服务器，可能是公共网络的登录页。请换一个网络。', 'Something else than the server answered, perhaps a guest network’s sign-in page. Use another network.'),
  invite_unknown: () => say('这个登记码已用过或已过期。请管理员出示新的登记码，15 分钟内有效。', 'This code was used or has expired. Ask your administrator for a new one; it is good for 15 minutes.'),
  stale_keys: () => say('服务器的密钥清单已过期。请告诉管理员。', 'The server’s key list has run out. Tell your administrator.'),
  pin_mismatch: IMPOSTOR,
  bad_signature: IMPOSTOR,
  bad_proof: IMPOSTOR,
  in_another_tab: () => say('这个应用已在另一个窗口打开。请在那里继续，或关闭那个窗口。', 'This app is open in another window. Go on there, or close it.'),
  journal_lost: () => say('浏览器已把这部手机的数据清除。请管理员出示新的登记码。', 'The browser has cleared this phone’s data. Ask your administrator for a new code.'),
  journal_newer: () => say('数据是由更新版本的应用写的。请连上网络，关闭应用后重新打开。', 'A newer version of the app wrote this data. Connect to the network, close the app and open it again.'),
  storage_full: () => say('手机存储空间已满。请删除一些照片或应用，再试一次。', 'The phone’s storage is full. Delete some pictures or apps and try again.'),
  damaged: () => say('手机上的数据已损坏，没有打开任何内容。请联系管理员，不要清除浏览器数据。', 'The data on this phone is damaged and was not opened. Call your administrator, and do not clear the browser’s data.'),
};

/** @param {any} error @returns {string} */
export function wordsOf(error) {
  if (error.name === 'NotAllowedError') return say('没有通过验证，或已取消。请再试一次，或用口令。', 'It was not verified, or cancelled. Try again, or use the PIN.');
  if (error.url) return say(`这个登记码属于 ${error.url}。请在浏览器里打开 ${error.url}/app/ 再登记。`, `This code belongs to ${error.url}. Open ${error.url}/app/ in the browser and enrol there.`);
  return WORDS[error.code]?.() ?? error.detail ?? say('没有成功，原因不明。什么也没有改变，请再试一次。', 'It did not work, and why is unknown. Nothing was changed; try again.');
}
