/**
 * One gzip member (RFC 1952), written and read; reading stops at a limit.
 *
 * The platform's stream does the inflating. It is fed in small slices and asked for what came out after each,
 * so that a bomb is seen while it is small; and because platforms differ in what they allow behind a member,
 * its trailer is checked here against what came out.
 */

import { TooLarge, Unopenable } from './errors.js';
import { join } from './lines.js';

const MEMBER_BYTES_MIN = 18;
const SLICE_BYTES = 2 * 1024;
const MAGIC = [0x1f, 0x8b, 0x08];
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

/**
 * Return the CRC-32 of RFC 1952 section 8.
 * @param {Uint8Array} raw
 * @returns {number}
 */
export function crc32(raw) {
  let value = 0xffffffff;
  for (const byte of raw) value = CRC_TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/**
 * Return the bytes as one gzip member.
 * @param {Uint8Array} raw
 * @returns {Promise<Uint8Array>}
 */
export async function gzip(raw) {
  const packed = new Blob([/** @type {BlobPart} */ (raw)]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/**
 * Return the content of exactly one gzip member of at most bytesMax; throws Unopenable or TooLarge.
 * @param {Uint8Array} packed
 * @param {number} bytesMax
 * @returns {Promise<Uint8Array>}
 */
export async function gunzip(packed, bytesMax) {
  if (packed.length < MEMBER_BYTES_MIN || MAGIC.some((byte, n) => packed[n] !== byte)) {
    throw new Unopenable('not a gzip member');
  }
  const found = join(...(await inflated(packed, bytesMax)));
  const trailer = new DataView(packed.buffer, packed.byteOffset + packed.length - 8);
  const fits = trailer.getUint32(0, true) === crc32(found) && trailer.getUint32(4, true) === found.length;
  if (!fits) throw new Unopenable('not one gzip member alone');
  return found;
}

/** Return the chunks that a member inflates to; the last slice is written whole before the end is awaited. */
async function inflated(packed, bytesMax) {
  const stream = new DecompressionStream('gzip');
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const feeding = feed(writer, packed);
  const chunks = [];
  let size = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
      size += next.value.length;
      if (size > bytesMax) throw new TooLarge(`the text inflates beyond ${bytesMax} bytes`);
    }
    await feeding;
    return chunks;
  } catch (error) {
    await Promise.allSettled([writer.abort(error), reader.cancel(error), feeding]);
    if (error instanceof TooLarge) throw error;
    throw new Unopenable('not a gzip member');
  }
}

/** Write slice by slice; the stream takes the next only when what came of the last was read. */
async function feed(writer, packed) {
  try {
    for (let at = 0; at < packed.length; at += SLICE_BYTES) {
      await writer.ready;
      await writer.write(packed.subarray(at, at + SLICE_BYTES));
    }
    await writer.close();
  } catch {
    // The reader meets the same error, and says what it means.
  }
}
