/**
 * When something was captured, as the interval that the server derives; a phone shows it before it syncs.
 *
 * Not before the anchor (the last server answer the phone had), not after arrival. A monotonic clock that ran
 * on narrows the interval; the wall clock widens it and flags it, and never narrows it.
 */

export const LATENCY_MS = 5_000;
export const DRIFT_PPM = 200;
export const JUMP_MS = 120_000;

/**
 * @typedef {object} Interval
 * @property {number} earliestMs
 * @property {number} latestMs
 * @property {number} likelyMs
 * @property {string[]} flags no_anchor, restarted, clock_jumped, clock_impossible
 */

const within = (low, value, high) => Math.max(low, Math.min(value, high));

/**
 * Return the interval in which a capture lies.
 * @param {{wall: number, mono: number, session: string, anchor?: any}} at as it stands in the change line
 * @param {number} receivedMs
 * @returns {Interval}
 */
export function interval(at, receivedMs) {
  const { anchor } = at;
  if (!anchor) {
    const likelyMs = Math.max(0, Math.min(at.wall, receivedMs));
    return { earliestMs: 0, latestMs: receivedMs, likelyMs, flags: ['no_anchor'] };
  }
  const earliest = Math.min(anchor.time, receivedMs);
  if (anchor.session !== at.session) return restarted(at, earliest, receivedMs);
  const elapsed = at.mono - anchor.mono;
  const point = anchor.time + elapsed;
  const apart = Math.abs(at.wall - anchor.wall - elapsed);
  const slack = LATENCY_MS + apart + Math.floor((Math.abs(elapsed) * DRIFT_PPM) / 1_000_000);
  const flags = [];
  if (apart > JUMP_MS) flags.push('clock_jumped');
  if (elapsed < 0 || point - slack > receivedMs) flags.push('clock_impossible');
  if (flags.length) {
    return { earliestMs: earliest, latestMs: receivedMs, likelyMs: within(earliest, point, receivedMs), flags };
  }
  const low = Math.max(earliest, point - slack);
  const high = Math.min(receivedMs, point + slack);
  return { earliestMs: low, latestMs: Math.max(low, high), likelyMs: Math.max(low, Math.min(point, high)), flags };
}

/** The app's session changed since the anchor, so only the bounds hold. */
function restarted(at, earliest, latest) {
  const likely = at.wall - (at.anchor.wall - at.anchor.time);
  const flags = ['restarted'];
  if (likely < earliest - JUMP_MS || likely > latest + JUMP_MS) flags.push('clock_impossible');
  return { earliestMs: earliest, latestMs: latest, likelyMs: within(earliest, likely, latest), flags };
}
