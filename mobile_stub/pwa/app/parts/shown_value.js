/** A value as people read it, by its field's kind. */

import { day, moment, say, yuan } from '../words.js';

/** @param {any} field its declaration @param {any} value @returns {string} */
export function shownValue(field, value) {
  if (value === undefined || value === null) return say('（空）', '(empty)');
  // A step is told by where it leads.
  if (field?.name === 'stage' && value.to !== undefined) return shownValue(field, value.to);
  if (Array.isArray(value)) return value.map((one) => shownValue({ ...field, many: false }, one)).join(say('、', ', '));
  switch (field?.kind) {
    case 'fen': return yuan(value);
    case 'day': return day(value);
    case 'instant': return moment(value);
    case 'flag': return value ? say('是', 'yes') : say('否', 'no');
    case 'group': return field.parts.filter(({ name }) => value[name] !== undefined).map((part) => `${say(part.zh, part.en)} ${shownValue(part, value[part.name])}`).join(say('，', ', '));
    default: return wordOf(field, value);
  }
}

function wordOf(field, value) {
  const choice = field?.choices.find((one) => one.value === value);
  return choice ? say(choice.zh, choice.en) : String(value);
}
