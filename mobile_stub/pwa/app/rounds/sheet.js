/** The record of a round (现场检查笔录) as a page: what was found, and who signed it; drawn on the phone, offline. */

import { draw } from '../capture/strokes.js';
import { pngOf } from '../capture/signature.jsx';
import { moment, nameOfCode, say } from '../words.js';
import { DISPUTED, PRESENCES } from './sample.js';
import { nameOfPresence } from './words.js';

const [WIDE, HIGH, EDGE] = [1240, 1754, 96];
const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif';
const BEDS_MAX = 30;

/**
 * Return the lines of the record: beds by their numbers, nobody's name.
 * @param {import('./open_round.js').OpenRound} data
 * @param {number} now ms
 * @returns {string[]}
 */
export function linesOfSheet({ round, institution, beds, known, progress }, now) {
  const { wards = [], started_at: from } = round.values;
  const counts = [...PRESENCES, DISPUTED].filter((one) => progress.counts[one]).map((one) => `${nameOfPresence(one)} ${progress.counts[one]}`);
  const odd = beds.filter(({ id }) => known.has(id) && known.get(id).presence !== 'in_bed');
  const told = odd.slice(0, BEDS_MAX).map(({ id, values }) => {
    const { checks, presence } = known.get(id);
    const { absence_reason: reason, conclusion } = checks[0].values;
    const more = [reason && nameOfCode('bed_check', 'absence_reason', reason), conclusion && nameOfCode('bed_check', 'conclusion', conclusion)];
    return `　${values.ward} ${values.bed}：${[nameOfPresence(presence), ...more].filter(Boolean).join('，')}`;
  });
  return [
    `${say('机构', 'Institution')}：${institution?.values.name ?? '—'}`,
    `${say('病区', 'Wards')}：${wards.join('、') || say('全院', 'all')}`,
    `${say('时间', 'Time')}：${from ? moment(from) : '—'} — ${moment(now)}`,
    `${say('应查', 'To check')} ${progress.total} ${say('床，已查', 'beds, checked')} ${progress.done} ${say('床', '')}`,
    counts.join('，'),
    ...(odd.length ? [say('不在床或存疑：', 'Away or in doubt:'), ...told] : [say('所查床位均在床。', 'Everybody was in bed.')]),
    ...(odd.length > BEDS_MAX ? [say(`　另有 ${odd.length - BEDS_MAX} 床见床位核查记录`, `　and ${odd.length - BEDS_MAX} more in the bed checks`)] : []),
  ];
}

/**
 * Draw the record with its signatures and return it as PNG.
 * @param {import('./open_round.js').OpenRound} data
 * @param {{title: string, name: string, strokes?: any[], words?: string}[]} signed words: instead of a signature
 * @param {number} now ms
 * @returns {Promise<Uint8Array>}
 */
export async function drawSheet(data, signed, now) {
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDE, height: HIGH });
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, WIDE, HIGH);
  pen.fillStyle = '#101820';
  pen.textAlign = 'center';
  pen.font = `600 44px ${FONT}`;
  pen.fillText(say('现场检查笔录（查房）', 'Scene record of a ward round'), WIDE / 2, EDGE + 20);
  pen.textAlign = 'left';
  pen.font = `26px ${FONT}`;
  linesOfSheet(data, now).forEach((line, n) => pen.fillText(line, EDGE, EDGE + 100 + n * 38, WIDE - 2 * EDGE));
  signed.forEach((one, n) => drawSigned(pen, one, n));
  return pngOf(canvas);
}

function drawSigned(pen, { title, name, strokes, words }, n) {
  const top = HIGH - EDGE - 110 - (2 - n) * 150;
  pen.font = `26px ${FONT}`;
  pen.fillText(`${title}：${name}`, EDGE, top + 60, 420);
  if (strokes) draw(pen, strokes, { left: 560, top, width: 320 });
  else pen.fillText(words, 560, top + 60, WIDE - EDGE - 560);
}
