/** The content of a record whose file was opened. */

import { useEffect, useState } from 'preact/hooks';

import { contentIn } from './written.js';

/**
 * Return what stands in a record; undefined until it is read, null where it is none.
 * @param {Blob | undefined} blob
 */
export function useContent(blob) {
  const [content, setContent] = useState(undefined);
  useEffect(() => {
    if (!blob) return;
    let wanted = true;
    blob.arrayBuffer().then((raw) => contentIn(new Uint8Array(raw))).then(
      (found) => wanted && setContent(found),
      () => wanted && setContent(null),
    );
    return () => {
      wanted = false;
    };
  }, [blob]);
  return content;
}
