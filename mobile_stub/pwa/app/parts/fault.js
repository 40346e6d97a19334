/** What is wrong with a field, in words that say what to do. */

import { say, yuan } from '../words.js';

const shown = (kind, limit) => (kind === 'fen' ? yuan(limit) : String(limit));

const WORDS = {
  required: () => say('请填写这一项。', 'Fill this in.'),
  emptied: () => say('已经保存过的内容可以改写，不能清空。', 'What was saved can be written anew, but not emptied.'),
  choice: () => say('请从列表中选择。', 'Choose one from the list.'),
  whole: () => say('请填写整数。', 'Enter a whole number.'),
  amount: () => say('请填写以元为单位的金额，例如 1260.50。', 'Enter an amount in yuan, such as 1260.50.'),
  day: () => say('请填写存在的日期，例如 2026-11-21。', 'Enter a day that exists, such as 2026-11-21.'),
  instant: () => say('请填写日期和时间。', 'Enter a day and a time.'),
  pattern: () => say('格式不对，请核对后重填。', 'This does not have its form; compare it and enter it again.'),
  chars_max: ({ limit }) => say(`最多 ${limit} 个字。`, `At most ${limit} characters.`),
  members_max: ({ limit }) => say(`最多 ${limit} 项。`, `At most ${limit} entries.`),
  min: ({ limit }, kind) => say(`不能小于 ${shown(kind, limit)}。`, `Not below ${shown(kind, limit)}.`),
  max: ({ limit }, kind) => say(`不能大于 ${shown(kind, limit)}。`, `Not above ${shown(kind, limit)}.`),
};

/**
 * @param {{fault: string, limit?: number, at?: string}} fault as `typed.read` finds it
 * @param {string} kind the field's
 * @returns {string}
 */
export const wordsOf = (fault, kind) => WORDS[fault.fault](fault, kind);
