/** One picture out of a running camera: the camera's own photo where it gives one, else the frame that is seen. */

const PATIENCE_MS = 5_000;
const JPEG_QUALITY = 0.92;
/** What a picture may be: the types that records know. */
export const PICTURES = ['image/jpeg', 'image/png', 'image/heic'];

/** What a camera is asked for: the one that looks away from the user, as sharp as it can. */
export const REAR = { video: { facingMode: { ideal: 'environment' }, width: { ideal: 4096 }, height: { ideal: 3072 } }, audio: false };

/**
 * Return a picture as the camera made it; from the seen frame where it makes none in time.
 * @param {MediaStreamTrack} track
 * @param {HTMLVideoElement} video
 * @returns {Promise<{bytes: Uint8Array, type: string}>}
 */
export async function picture(track, video) {
  const blob = (await own(track)) ?? (await frame(video));
  return { bytes: new Uint8Array(await blob.arrayBuffer()), type: blob.type };
}

async function own(track) {
  if (typeof ImageCapture === 'undefined') return null;
  let timer;
  const late = new Promise((done) => {
    timer = setTimeout(done, PATIENCE_MS, null);
  });
  try {
    const blob = await Promise.race([new ImageCapture(track).takePhoto(), late]);
    return blob && blob.size > 0 && PICTURES.includes(blob.type) ? blob : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function frame(video) {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d').drawImage(video, 0, 0);
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('the frame gave no picture'))), 'image/jpeg', JPEG_QUALITY);
  });
}

/** @param {MediaStreamTrack} track @returns {boolean} whether it has a lamp */
export const hasTorch = (track) => Boolean(track.getCapabilities?.().torch);

/** Switch the lamp. @param {MediaStreamTrack} track @param {boolean} on */
export const light = (track, on) => track.applyConstraints({ advanced: [{ torch: on }] });

/**
 * Why a camera or microphone did not open, in one word.
 * @param {unknown} error
 * @returns {'denied' | 'busy' | 'none'}
 */
export function whyNot(error) {
  if (error?.name === 'NotAllowedError' || error?.name === 'SecurityError') return 'denied';
  return error?.name === 'NotReadableError' || error?.name === 'AbortError' ? 'busy' : 'none';
}
