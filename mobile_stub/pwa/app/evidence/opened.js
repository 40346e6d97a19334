/** Pictures opened for a look: decrypted when they come into sight, made small, and forgotten again. */

import { useEffect, useRef, useState } from 'preact/hooks';

import { follow, session } from '../session.js';

const KEPT_MAX = 60;
const THUMB_SIDE = 240;
/** More than this is opened only when somebody asks for it. */
const GLANCE_BYTES_MAX = 12 * 1024 * 1024;
const PICTURES = ['image/jpeg', 'image/png'];
/** @type {Map<string, string>} addresses of small pictures, oldest first */
const thumbs = new Map();
// Whoever locks the phone closes all that was opened.
follow(() => session.phone || [...thumbs.keys()].forEach(forget));

function forget(id) {
  URL.revokeObjectURL(thumbs.get(id));
  thumbs.delete(id);
}

/** @param {Record<string, any>} values @returns {boolean} whether a small picture can be made of it at a glance */
export const isGlanceable = ({ media_type: type, size }) => PICTURES.includes(type) && size <= GLANCE_BYTES_MAX;

async function small(blob) {
  const whole = await createImageBitmap(blob);
  const scale = Math.min(1, THUMB_SIDE / Math.min(whole.width, whole.height));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [whole.width, whole.height].map((side) => Math.max(1, Math.round(side * scale)));
  canvas.getContext('2d').drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.7));
}

let turn = Promise.resolve();

/** Return the address of a small picture; one after the other, so that a long gallery never fills the memory. */
function thumb(id, type) {
  const { phone } = session;
  if (thumbs.has(id)) return Promise.resolve(thumbs.get(id));
  const made = turn.then(async () => {
    const blob = await small(new Blob([await phone.readFile(id)], { type }));
    const address = URL.createObjectURL(blob);
    // Locked in between: nothing that was opened stays.
    if (session.phone !== phone) return void URL.revokeObjectURL(address);
    thumbs.set(id, address);
    if (thumbs.size > KEPT_MAX) forget(thumbs.keys().next().value);
    return address;
  });
  turn = made.catch(() => {});
  return made;
}

/**
 * Return [where to hang it, the address of a small picture], the latter null until it is in sight and opened.
 * @param {string} id @param {Record<string, any>} values
 */
export function useThumb(id, values) {
  const place = useRef(null);
  const [address, setAddress] = useState(null);
  useEffect(() => {
    if (!isGlanceable(values)) return;
    let wanted = true;
    const seen = new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      seen.disconnect();
      thumb(id, values.media_type).then((found) => wanted && setAddress(found), () => {});
    });
    seen.observe(place.current);
    return () => {
      wanted = false;
      seen.disconnect();
    };
  }, [id]);
  return [place, address];
}

/**
 * Return how the opening of a whole file stands: its blob's address and the blob, or that it failed.
 * @param {string} id @param {string} type
 * @returns {{address?: string, blob?: Blob, failed?: any}}
 */
export function useOpened(id, type) {
  const [opened, setOpened] = useState({});
  useEffect(() => {
    let wanted = true;
    let address;
    session.phone.readFile(id).then(
      (bytes) => {
        if (!wanted) return;
        const blob = new Blob([bytes], { type });
        address = URL.createObjectURL(blob);
        setOpened({ address, blob });
      },
      (failed) => wanted && setOpened({ failed }),
    );
    return () => {
      wanted = false;
      if (address) URL.revokeObjectURL(address);
    };
  }, [id]);
  return opened;
}
