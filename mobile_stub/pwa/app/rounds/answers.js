/** What a called ward's operator records: one answer for each bed, with its challenge, and its picture. */

import { keepEvidence } from '../capture/keep.js';
import { expectedChallenge } from './challenge.js';
import { keepDoubts, patch } from './open_round.js';

/**
 * Keep the answer for an in-patient and its picture; the shapes are mobile_stub/remote.py's.
 * @param {import('../../protocol/phone.js').Phone} phone
 * @param {import('./open_round.js').OpenRound} data
 * @param {any} bed
 * @param {{said: Record<string, any>, photo: any, doubts: string[], shown: boolean, position: any}} answer
 *   shown: whether the challenge can be read in the picture, as the operator saw it
 */
export async function answerBed(phone, data, bed, { said, photo, doubts, shown, position }) {
  const { id } = data.round;
  const card = shown ? { challenge: expectedChallenge(data.round, bed.id) } : {};
  const whole = { ward_round: id, encounter: bed.id, bed_listed: bed.values.bed, position, ...card, ...said };
  const check = await phone.create('bed_check', whole);
  const evidence = await keepEvidence(phone, photo, { ward_round: id, bed_check: check });
  if (doubts.length) await keepDoubts(phone, evidence, doubts);
  const kept = [await phone.show(check), await phone.show(evidence)];
  patch((open) => {
    open.checks = [...open.checks, kept[0]];
    open.evidence = [...open.evidence, kept[1]];
  });
}
