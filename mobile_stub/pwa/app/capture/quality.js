/**
 * Whether a picture is good enough to be kept: sharp, neither too dark nor too bright, and, of a paper, legible.
 *
 * It is measured at capture, on a small copy of the picture: whoever has left the ward cannot take it again. The
 * limits were measured on drawn wards, pharmacies and papers, sharp, out of focus, under- and overexposed
 * (tests/phone_app/test_photo_quality.py prints them with -s). A doubt is told and may be overruled by who stands
 * there: the picture of a dark cellar is dark.
 */

/** The longer side of the copy that is measured, in pixels. */
export const SIDE = 640;

/**
 * sharpness: of the sharpest parts; of drawn photographs sharp ones have 130 and more, those 3 pixels out of focus at
 * most 55. dark, bright: mean level of 255. clipped: share that is nothing but white. legible: score of a paper.
 */
export const LIMITS = { sharpness: 75, dark: 55, bright: 235, clipped: 0.3, legible: 50 };

/** What is wrong with a picture, and what to do about it. */
export const WORDS = {
  blurred: { zh: '照片模糊，请拿稳后重拍', en: 'The picture is blurred: hold still and take it again' },
  dark: { zh: '照片太暗，请开灯或换个角度重拍', en: 'The picture is too dark: switch on a light or turn, and take it again' },
  overexposed: { zh: '照片过曝，请避开强光重拍', en: 'The picture is overexposed: turn away from the light and take it again' },
  illegible: { zh: '字迹看不清，请靠近些、放平后重拍', en: 'The writing cannot be read: go closer, lay it flat, and take it again' },
  unreadable: { zh: '照片打不开，请重拍', en: 'The picture cannot be opened: take it again' },
};

const TILES = 8;
const BEST_TILES = 6;
const WHITE = 250;
/** Sharpness of printed lines that are read at a glance, and the share of a page that its writing blackens at least. */
const READ_WELL = 600;
const WRITTEN = 0.01;
const INK = 0.6;

/**
 * @typedef {object} Measured
 * @property {number} sharpness mean variance of the Laplacian in the sharpest parts of the picture
 * @property {number} mean level of light
 * @property {number} clipped share of the picture that is nothing but white
 * @property {number} ink share of the picture that is much darker than the whole of it
 * @property {number} legibility 0 to 100: how well lines of writing stand out from their paper
 */

/**
 * Measure a picture.
 * @param {{width: number, height: number, data: Uint8ClampedArray | Uint8Array}} pixels RGBA, row by row
 * @returns {Measured}
 */
export function measure({ width, height, data }) {
  const grey = smoothed(luminance(data, width * height), width, height);
  const { mean, clipped, ink } = light(grey);
  const parts = tiles(width, height).map((tile) => variance(grey, width, tile));
  const best = parts.sort((a, b) => b - a).slice(0, BEST_TILES);
  const sharpness = best.reduce((sum, one) => sum + one, 0) / best.length;
  return { sharpness, mean, clipped, ink, legibility: legibility(sharpness, ink) };
}

/** Writing is read by the edges of its strokes; a sheet without any ink has nothing to read. */
function legibility(sharpness, ink) {
  return Math.round(100 * Math.min(1, sharpness / READ_WELL) * Math.min(1, ink / WRITTEN));
}

/**
 * Return what is wrong with a picture, the gravest first; empty where nothing is.
 * @param {Measured} measured
 * @param {{paper?: boolean}} [of] paper: it shall be read
 * @returns {(keyof typeof WORDS)[]}
 */
export function doubts({ sharpness, mean, clipped, legibility: score }, { paper = false } = {}) {
  // In the dark, nothing can be said of the focus.
  if (mean < LIMITS.dark) return ['dark'];
  if (clipped > LIMITS.clipped || (mean > LIMITS.bright && !paper)) return ['overexposed'];
  if (sharpness < LIMITS.sharpness) return ['blurred'];
  return paper && score < LIMITS.legible ? ['illegible'] : [];
}

/**
 * Return what is wrong with the bytes of a picture; only in browsers, which can open it.
 * @param {Uint8Array} bytes
 * @param {string} type
 * @param {{paper?: boolean}} [of]
 * @returns {Promise<(keyof typeof WORDS)[]>}
 */
export async function look(bytes, type, of = {}) {
  let picture;
  try {
    picture = await createImageBitmap(new Blob([bytes], { type }));
  } catch {
    return ['unreadable'];
  }
  const share = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * share));
  const height = Math.max(1, Math.round(picture.height * share));
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, 0, 0, width, height);
  picture.close();
  return doubts(measure(pen.getImageData(0, 0, width, height)), of);
}

function luminance(data, count) {
  const grey = new Float32Array(count);
  for (let n = 0; n < count; n += 1) grey[n] = 0.299 * data[4 * n] + 0.587 * data[4 * n + 1] + 0.114 * data[4 * n + 2];
  return grey;
}

/** The mean of each 2x2: a small sensor's grain would else pass for detail. */
function smoothed(grey, width, height) {
  const out = new Float32Array(grey.length);
  for (let y = 0; y < height; y += 1) {
    const below = Math.min(y + 1, height - 1) * width;
    for (let x = 0; x < width; x += 1) {
      const right = Math.min(x + 1, width - 1);
      out[y * width + x] = (grey[y * width + x] + grey[y * width + right] + grey[below + x] + grey[below + right]) / 4;
    }
  }
  return out;
}

function light(grey) {
  let sum = 0;
  let white = 0;
  for (const level of grey) {
    sum += level;
    if (level >= WHITE) white += 1;
  }
  const mean = sum / grey.length;
  let dark = 0;
  for (const level of grey) if (level < mean * INK) dark += 1;
  return { mean, clipped: white / grey.length, ink: dark / grey.length };
}

function tiles(width, height) {
  const wide = Math.floor(width / TILES);
  const high = Math.floor(height / TILES);
  return Array.from({ length: TILES * TILES }, (_, n) => {
    const left = (n % TILES) * wide;
    const top = Math.floor(n / TILES) * high;
    return { left: Math.max(1, left), top: Math.max(1, top), right: left + wide - 1, bottom: top + high - 1 };
  });
}

function variance(grey, width, { left, top, right, bottom }) {
  let sum = 0;
  let squares = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const at = y * width + x;
      const bend = 4 * grey[at] - grey[at - 1] - grey[at + 1] - grey[at - width] - grey[at + width];
      sum += bend;
      squares += bend * bend;
    }
  }
  const count = Math.max(1, (bottom - top) * (right - left));
  return squares / count - (sum / count) ** 2;
}
