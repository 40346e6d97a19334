/** Codes read by compiled-in readers, for browsers that read none themselves; loaded only where it is needed. */

import BinaryBitmap from '@zxing/library/esm/core/BinaryBitmap.js';
import HybridBinarizer from '@zxing/library/esm/core/common/HybridBinarizer.js';
import DataMatrixReader from '@zxing/library/esm/core/datamatrix/DataMatrixReader.js';
import DecodeHintType from '@zxing/library/esm/core/DecodeHintType.js';
import Code128Reader from '@zxing/library/esm/core/oned/Code128Reader.js';
import EAN13Reader from '@zxing/library/esm/core/oned/EAN13Reader.js';
import RGBLuminanceSource from '@zxing/library/esm/core/RGBLuminanceSource.js';
import { decodeQR } from 'qr/decode.js';

/** What one look at a picture may cost beyond the first try, in ms: looks follow each other four times a second. */
const RETRY_MS = 100;
const HINTS = new Map([[DecodeHintType.TRY_HARDER, true]]);
const OTHERS = [new Code128Reader(), new DataMatrixReader(), new EAN13Reader()];

/**
 * Return the texts of the codes in a picture; each kind of code gives at most one.
 * @param {{width: number, height: number, data: Uint8ClampedArray}} pixels RGBA
 * @returns {string[]}
 */
export function read(picture) {
  const { width, height, data } = picture;
  const grey = new Uint8ClampedArray(width * height);
  for (let n = 0; n < grey.length; n += 1) {
    grey[n] = (data[4 * n] * 77 + data[4 * n + 1] * 150 + data[4 * n + 2] * 29) >> 8;
  }
  const others = OTHERS.map((reader) => textBy(reader, new RGBLuminanceSource(grey, width, height)));
  return [...new Set([qrText(picture), ...others].filter(Boolean))];
}

function qrText(picture) {
  try {
    return decodeQR(picture, { timeLimit: RETRY_MS });
  } catch {
    // There is no QR code in the picture.
    return null;
  }
}

function textBy(reader, source) {
  try {
    return reader.decode(new BinaryBitmap(new HybridBinarizer(source)), HINTS).getText();
  } catch {
    // There is no such code in the picture.
    return null;
  } finally {
    reader.reset();
  }
}
