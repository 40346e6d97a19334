/** Pictures of a bed: taken inside the app, looked at for quality at once, kept as they came. */

import { useEffect, useState } from 'preact/hooks';

import { Camera } from '../capture/camera.jsx';
import { WORDS, look } from '../capture/quality.js';
import { Icon } from '../parts/icon.jsx';
import { session } from '../session.js';
import { nameOfStage, say } from '../words.js';

/** Stages in which somebody has decided about a picture. */
const DECIDED = ['approved', 'returned', 'rejected', 'superseded'];

/**
 * The camera for one bed. A poor picture is told while everybody still stands there; who took it may keep it.
 * @param {object} properties
 * @param {string} properties.title
 * @param {any} [properties.hint] what the picture must show
 * @param {boolean} [properties.liveOnly]
 * @param {(photo: any, doubts: string[]) => Promise<any>} properties.onKeep
 * @param {() => void} properties.onClose
 */
export function BedCamera({ title, hint, liveOnly, onKeep, onClose }) {
  const [poor, setPoor] = useState(null);
  const taken = async (photo) => {
    const doubts = await look(photo.bytes, photo.type);
    if (doubts.length) return setPoor({ photo, doubts });
    await onKeep(photo, []);
    return onClose();
  };
  if (!poor) return <Camera {...{ title, hint, liveOnly, onClose }} onPhoto={taken} />;
  return <Poor {...poor} onAgain={() => setPoor(null)} onKeep={async () => (await onKeep(poor.photo, poor.doubts), onClose())} />;
}

function Poor({ photo, doubts, onAgain, onKeep }) {
  const url = useUrl(() => photo.bytes, photo.type, []);
  return (
    <section class="poor" role="alert">
      <h2>{say('这张照片可能不合格', 'This picture may not do')}</h2>
      {doubts.map((code) => <p key={code} class="trouble">{say(WORDS[code].zh, WORDS[code].en)}</p>)}
      {url && <img src={url} alt={say('刚拍的照片', 'The picture just taken')} />}
      <p class="pair">
        <button type="button" onClick={onKeep}>{say('仍然保留', 'Keep it all the same')}</button>
        <button type="button" class="first" onClick={onAgain}>{say('重拍', 'Take it again')}</button>
      </p>
    </section>
  );
}

/**
 * Bytes as an address that lives as long as the caller.
 * @param {() => Promise<Uint8Array | null> | Uint8Array | null} read
 * @param {string} type
 * @param {any[]} about read anew when one of these changes
 */
export function useUrl(read, type, about) {
  const [url, setUrl] = useState('');
  useEffect(() => {
    let made = '';
    let wanted = true;
    Promise.resolve(read()).then((bytes) => {
      if (!wanted || !bytes) return;
      made = URL.createObjectURL(new Blob([bytes], { type }));
      setUrl(made);
    });
    return () => {
      wanted = false;
      if (made) URL.revokeObjectURL(made);
    };
  }, about);
  return url;
}

/** @param {{all: any[], doubts: Record<string, string[]>}} properties all: evidence records */
export function Pictures({ all, doubts }) {
  if (!all.length) return null;
  return (
    <ul class="pictures" aria-label={say('照片和录音', 'Pictures and memos')}>
      {all.map((one) => <Picture key={one.id} one={one} doubts={doubts[one.id]} />)}
    </ul>
  );
}

function Picture({ one, doubts }) {
  const isImage = one.values.media_type.startsWith('image/');
  const url = useUrl(() => (isImage ? session.phone.readFile(one.id).catch(() => null) : null), one.values.media_type, [one.id]);
  const { stage } = one.values;
  const decided = DECIDED.includes(stage);
  const tone = stage === 'approved' ? 'is-in_bed' : doubts?.length || decided ? 'is-poor' : undefined;
  return (
    <li class={tone}>
      {url ? <img src={url} alt={say('床位照片', 'Picture of the bed')} /> : isImage ? <Icon name="camera" /> : say('录音', 'Memo')}
      {decided && <span>{nameOfStage('evidence', stage)}</span>}
      {doubts?.length && !decided ? <span>{say('质量存疑', 'Poor')}</span> : null}
    </li>
  );
}
