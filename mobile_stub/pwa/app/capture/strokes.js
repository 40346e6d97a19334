/** The strokes of a signature: lists of points in shares of the pad's width, so that turning the phone keeps them. */

const NEAR = 0.002;
export const STROKES_MAX = 200;
export const POINTS_MAX = 4_000;

/** @typedef {[number, number][]} Stroke */

/**
 * Return the strokes with a new one begun; nothing is added beyond STROKES_MAX.
 * @param {Stroke[]} strokes
 * @param {[number, number]} point
 * @returns {Stroke[]}
 */
export const begun = (strokes, point) => (strokes.length >= STROKES_MAX ? strokes : [...strokes, [point]]);

/**
 * Return the strokes with the last one drawn on to a point; one that hardly moved is passed over.
 * @param {Stroke[]} strokes
 * @param {[number, number]} point
 * @returns {Stroke[]}
 */
export function drawn(strokes, point) {
  const last = strokes.at(-1);
  if (!last || last.length >= POINTS_MAX) return strokes;
  const [x, y] = last.at(-1);
  if (Math.hypot(point[0] - x, point[1] - y) < NEAR) return strokes;
  return [...strokes.slice(0, -1), [...last, point]];
}

/** @param {Stroke[]} strokes @returns {Stroke[]} without the last one */
export const undone = (strokes) => strokes.slice(0, -1);

/**
 * Whether somebody wrote something: the length of all strokes is at least a fifth of the pad's width.
 * @param {Stroke[]} strokes
 * @returns {boolean}
 */
export function written(strokes) {
  let length = 0;
  for (const stroke of strokes) {
    for (let n = 1; n < stroke.length; n += 1) {
      length += Math.hypot(stroke[n][0] - stroke[n - 1][0], stroke[n][1] - stroke[n - 1][1]);
    }
  }
  return length >= 0.2;
}

/**
 * Draw strokes with a pen of a canvas.
 * @param {CanvasRenderingContext2D} pen
 * @param {Stroke[]} strokes
 * @param {{left?: number, top?: number, width: number, ink?: string}} where width: of the pad, in the canvas's pixels
 */
export function draw(pen, strokes, { left = 0, top = 0, width, ink = '#101820' }) {
  pen.strokeStyle = ink;
  pen.lineWidth = Math.max(1.5, width / 140);
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  for (const stroke of strokes) {
    pen.beginPath();
    stroke.forEach(([x, y], n) => {
      const at = [left + x * width, top + y * width];
      if (n) pen.lineTo(...at);
      else pen.moveTo(...at);
    });
    if (stroke.length === 1) pen.lineTo(left + stroke[0][0] * width + 0.5, top + stroke[0][1] * width);
    pen.stroke();
  }
}
