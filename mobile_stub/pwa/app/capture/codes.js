/**
 * Codes on packs and screens: read from what the camera sees, and a trace code told from what else stands on a pack.
 */

const FORMATS = ['qr_code', 'code_128', 'data_matrix', 'ean_13'];
const SIDE = 900;
export const TRACE_DIGITS = 20;
const BAR_CODE_DIGITS = 13;

/**
 * Return a reader of what a video shows: the browser's own where it has one, else one that is loaded now.
 * @returns {Promise<(video: HTMLVideoElement) => Promise<string[]>>}
 */
export async function codeReader() {
  const known = typeof BarcodeDetector === 'undefined' ? [] : await BarcodeDetector.getSupportedFormats();
  if (FORMATS.every((format) => known.includes(format))) {
    const detector = new BarcodeDetector({ formats: FORMATS });
    return async (video) => (await detector.detect(video)).map(({ rawValue }) => rawValue);
  }
  const { read } = await import('./readers.js');
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!canvas.width) return [];
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return read(pen.getImageData(0, 0, canvas.width, canvas.height));
  };
}

/**
 * Return what a text is as a drug's trace code: the code itself, or what is wrong with it.
 *
 * Full-width digits and blanks are what people and labels add. Twenty digits, the first seven of them the drug's.
 * @param {string} text
 * @returns {{code: string} | {fault: 'empty' | 'bar_code' | 'not_digits' | 'length', found?: number}}
 */
export function traceCode(text) {
  const plain = text.normalize('NFKC').replace(/\s+/g, '');
  if (!plain) return { fault: 'empty' };
  // A label's own address ends in the code: some makers print a link.
  const inLink = /^https?:\/\/\S*?(\d{20})$/i.exec(plain)?.[1];
  if (inLink) return { code: inLink };
  if (!/^\d+$/.test(plain)) return { fault: 'not_digits' };
  if (plain.length === BAR_CODE_DIGITS) return { fault: 'bar_code' };
  return plain.length === TRACE_DIGITS ? { code: plain } : { fault: 'length', found: plain.length };
}
