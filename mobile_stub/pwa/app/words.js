/**
 * Both languages: Chinese first, English beside it, at the place that says it; names of fields and codes from the forms.
 *
 * `say('在床', 'In bed')` is the word in the user's language. Where a number or name stands in a sentence it is put
 * in by the caller's template. The language is the phone's, until the user chooses; the choice is kept on the phone.
 */

import forms from '../generated/records.json';

const KEPT = 'wardledger.language';
let language = chosen();

function chosen() {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'zh' || kept === 'en') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** @returns {'zh' | 'en'} the language that is spoken now */
export const spoken = () => language;

/** Speak another language from now on. @param {'zh' | 'en'} to */
export function speak(to) {
  language = to;
  localStorage.setItem(KEPT, to);
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en';
}

/** @param {string} zh @param {string} en @returns {string} */
export const say = (zh, en) => (language === 'zh' ? zh : en);

const own = (about) => (about ? say(about.zh, about.en) : '');

/** @param {string} type @returns {string} a record type's name */
export const nameOfType = (type) => own(forms[type]) || type;

/** @param {string} type @param {string} field @returns {any} a field's declaration; undefined where there is none */
export const fieldOf = (type, field) => forms[type]?.fields.find(({ name }) => name === field);

/** @param {string} type @param {string} field @returns {string} a field's name */
export const nameOfField = (type, field) => own(fieldOf(type, field)) || field;

/** @param {string} type @param {string} field @param {string} code @returns {string} a code's word */
export function nameOfCode(type, field, code) {
  return own(fieldOf(type, field)?.choices.find((one) => one.value === code)) || code;
}

/** @param {string} type @param {string} stage @returns {string} a stage's word */
export const nameOfStage = (type, stage) => own(forms[type]?.stages.find(({ name }) => name === stage)) || stage;

const ZONE = 'Asia/Shanghai';
const formats = new Map();

function format(options) {
  const key = language + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(say('zh-CN', 'en-GB'), { timeZone: ZONE, ...options }));
  return formats.get(key);
}

/** @param {number} ms @returns {string} a moment's day and time in the ledger's zone */
export const moment = (ms) => format({ dateStyle: 'medium', timeStyle: 'short' }).format(ms);

/** @param {number} ms @returns {string} a moment's time of day in the ledger's zone */
export const clockTime = (ms) => format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);

const date = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE });

/** @returns {string} today's date in the ledger's zone, as 2026-11-23 */
export const today = () => date.format(Date.now());

/** @param {string} on a date as 2026-11-23 @returns {string} with its day of the week */
export const day = (on) => (on ? format({ dateStyle: 'full' }).format(Date.parse(`${on}T12:00:00+08:00`)) : '');

/** @param {number} fen @returns {string} an amount in yuan, to the fen */
export const yuan = (fen) => {
  const amount = (fen / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return say(`${amount} 元`, `CNY ${amount}`);
};

/** @param {string} digest @returns {string} its first 16 digits, in fours, to be read aloud */
export const fingerprintOf = (digest) => digest.slice(0, 16).match(/.{4}/g).join(' ');

/** @param {number} bytes @returns {string} a size in steps of 1,024 */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const step = [2, 3].reduce((found, next) => (bytes < 1024 ** next ? found : next), 1);
  return `${(bytes / 1024 ** step).toFixed(1)} ${['', 'KB', 'MB', 'GB'][step]}`;
}
