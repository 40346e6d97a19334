/** A sheet that was photographed aslant, drawn upright: pure arithmetic on pixels, so that it can be tested anywhere. */

const SIDE_MAX = 2200;

/** @typedef {[number, number]} Point in pixels */
/** @typedef {[Point, Point, Point, Point]} Corners top left, top right, bottom right, bottom left */

const apart = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by);

/** @param {Corners} corners @returns {{width: number, height: number}} how large the upright sheet is drawn */
export function uprightSize([a, b, c, d]) {
  const width = Math.max(apart(a, b), apart(d, c), 1);
  const height = Math.max(apart(a, d), apart(b, c), 1);
  const scale = Math.min(1, SIDE_MAX / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * Whether four corners make a sheet: in their order around it, and none inside the others.
 * @param {Corners} corners
 */
export function isSheet(corners) {
  const turns = corners.map(([x, y], n) => {
    const [nx, ny] = corners[(n + 1) % 4];
    const [mx, my] = corners[(n + 2) % 4];
    return (nx - x) * (my - ny) - (ny - y) * (mx - nx);
  });
  return turns.every((turn) => turn > 0);
}

/** Return the eight numbers that lead from the unit square to four corners. */
function mapOf([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) {
  const [dx1, dx2, dx3] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, dy3] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const whole = dx1 * dy2 - dx2 * dy1;
  const g = (dx3 * dy2 - dx2 * dy3) / whole;
  const h = (dx1 * dy3 - dx3 * dy1) / whole;
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h];
}

/**
 * Draw what lies between four corners of a picture as an upright sheet.
 * @param {{width: number, height: number, data: Uint8ClampedArray}} source RGBA
 * @param {Corners} corners
 * @param {{width: number, height: number}} [size]
 * @returns {{width: number, height: number, data: Uint8ClampedArray}}
 */
export function upright(source, corners, { width, height } = uprightSize(corners)) {
  const [a, b, c, d, e, f, g, h] = mapOf(corners);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let row = 0, to = 0; row < height; row += 1) {
    const v = (row + 0.5) / height;
    for (let column = 0; column < width; column += 1, to += 4) {
      const u = (column + 0.5) / width;
      const deep = g * u + h * v + 1;
      sample(source, (a * u + b * v + c) / deep, (d * u + e * v + f) / deep, data, to);
    }
  }
  return { width, height, data };
}

/** Mix the four pixels around a point. */
function sample({ width, height, data }, x, y, into, to) {
  const left = Math.min(Math.max(Math.floor(x - 0.5), 0), width - 1);
  const top = Math.min(Math.max(Math.floor(y - 0.5), 0), height - 1);
  const right = Math.min(left + 1, width - 1);
  const below = Math.min(top + 1, height - 1);
  const p = Math.min(Math.max(x - 0.5 - left, 0), 1);
  const q = Math.min(Math.max(y - 0.5 - top, 0), 1);
  for (let n = 0; n < 4; n += 1) {
    const above = data[4 * (top * width + left) + n] * (1 - p) + data[4 * (top * width + right) + n] * p;
    const under = data[4 * (below * width + left) + n] * (1 - p) + data[4 * (below * width + right) + n] * p;
    into[to + n] = above * (1 - q) + under * q;
  }
}
