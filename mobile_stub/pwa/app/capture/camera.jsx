/**
 * The camera inside the app: the untouched bytes of each picture, its moment and its place go to whoever asked.
 *
 * Where there is no camera, or it may not be used, the phone's own camera app is asked instead, and the user is told.
 */

import { useEffect, useRef, useState } from 'preact/hooks';

import { Icon } from '../parts/icon.jsx';
import { say } from '../words.js';
import { codeReader } from './codes.js';
import { thisMoment } from './moment.js';
import { PICTURES, REAR, hasTorch, light, picture, whyNot } from './picture.js';
import { Whereabouts } from './place.js';

const LOOK_MS = 250;

/**
 * @typedef {object} Photo
 * @property {Uint8Array} bytes as the camera made them
 * @property {string} type
 * @property {number} from not before
 * @property {number} until not after
 * @property {import('./place.js').Position | null} position
 * @property {import('./place.js').Place} place the position with its age, or why there is none
 * @property {'camera' | 'file'} source
 */

/**
 * @param {{onPhoto?: (photo: Photo) => any, onCode?: (text: string) => void, onClose: () => void, title?: string,
 *   hint?: any, liveOnly?: boolean, shutter?: string}} properties
 *   onPhoto: the shutter waits until what it returns is done; without it there is none. onCode: is given each code
 *   that the camera sees, again and again. hint: what the picture must show. liveOnly: no picture from elsewhere, as
 *   a called round wants it. shutter: what pressing it does
 */
export function Camera({ onPhoto, onCode, onClose, title = say('拍照', 'Photo'), hint, liveOnly = false, shutter = say('拍照', 'Take photo') }) {
  const dialog = useRef(null);
  const live = useLiveCamera();
  useCodes(live, onCode);
  // A code that is scanned has no place, and nobody is asked for it.
  const place = usePlaceWhileOpen(Boolean(onPhoto));
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  useEffect(() => dialog.current.showModal(), []);
  useEffect(() => {
    if (live.state === 'live') dialog.current.querySelector('.shutter')?.focus();
  }, [live.state]);

  const give = async (taken, source) => {
    setBusy(true);
    setTrouble('');
    try {
      const moment = thisMoment();
      const here = place.current.here();
      const { bytes, type } = await taken();
      navigator.vibrate?.(30);
      await onPhoto({ bytes, type, ...(await moment), position: here.position, place: here, source });
    } catch (error) {
      setTrouble(error.words ?? say('这张没有拍成，请再拍一次。', 'This picture was not taken; try again.'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog class="camera" ref={dialog} aria-label={title} onCancel={(event) => (event.preventDefault(), onClose())}>
      {live.state === 'live' || live.state === 'asking' ? (
        <video ref={live.video} autoPlay playsInline muted aria-label={say('取景画面', 'What the camera sees')} />
      ) : (
        <Without why={live.state} again={live.again} />
      )}
      <header>
        <h2>{title}</h2>
        {hint && <p class="camera-hint">{hint}</p>}
        {onPhoto && <p class="camera-place" role="status">{placeWords(place.current.here())}</p>}
        {trouble && <p class="camera-trouble" role="alert">{trouble}</p>}
      </header>
      <footer>
        <button type="button" class="camera-side" onClick={onClose}><Icon name="cross" />{say('关闭', 'Close')}</button>
        {onPhoto ? (
          <Shutter live={live} busy={busy} liveOnly={liveOnly} word={shutter} give={give} />
        ) : <span />}
        {live.track && hasTorch(live.track) ? <Torch track={live.track} /> : <span class="camera-side" />}
      </footer>
    </dialog>
  );
}

function Shutter({ live, busy, liveOnly, word, give }) {
  if (live.state === 'live' || live.state === 'asking') {
    return (
      <button type="button" class="shutter" disabled={busy || live.state !== 'live'} aria-busy={busy}
        onClick={() => give(() => picture(live.track, live.video.current), 'camera')}>
        <span>{busy ? say('正在保存', 'Keeping') : word}</span>
      </button>
    );
  }
  return liveOnly ? <span /> : <FromPhone busy={busy} onFile={(file) => give(() => read(file), 'file')} />;
}

/** Read codes from what is seen, one look after the other, for as long as somebody wants them. */
function useCodes(live, onCode) {
  const heard = useRef(onCode);
  heard.current = onCode;
  useEffect(() => {
    if (!onCode || live.state !== 'live') return;
    let timer;
    let wanted = true;
    const look = async (read) => {
      const texts = await read(live.video.current).catch(() => []);
      if (!wanted) return;
      for (const text of texts) heard.current?.(text);
      timer = setTimeout(look, LOOK_MS, read);
    };
    codeReader().then((read) => wanted && look(read), () => {});
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [live.state, Boolean(onCode)]);
}

/** A camera that runs while its user is shown: asking, live, or why it is not. */
function useLiveCamera() {
  const video = useRef(null);
  const [state, setState] = useState('asking');
  const [track, setTrack] = useState(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    let stream = null;
    const open = async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia(REAR);
        if (!wanted) return stop(stream);
        const [first] = stream.getVideoTracks();
        // A call that comes in takes the camera away; it is asked for again when the user is back.
        first.addEventListener('ended', () => wanted && setState('busy'));
        video.current.srcObject = stream;
        await video.current.play();
        setTrack(first);
        setState('live');
      } catch (error) {
        if (wanted) setState(whyNot(error));
      }
    };
    open();
    return () => {
      wanted = false;
      if (stream) stop(stream);
    };
  }, [turn]);
  const again = () => {
    setTrack(null);
    setState('asking');
    setTurn(turn + 1);
  };
  return { video, state, track, again };
}

const stop = (stream) => stream.getTracks().forEach((one) => one.stop());

function usePlaceWhileOpen(wanted) {
  const [, again] = useState(0);
  const place = useRef(null);
  place.current ??= new Whereabouts(undefined, undefined, () => again((turn) => turn + 1));
  useEffect(() => {
    if (!wanted) return undefined;
    place.current.begin();
    return () => place.current.end();
  }, []);
  return place;
}

/** What is known of the place, for whoever takes the picture. @param {import('./place.js').Place} here */
export function placeWords({ position, why }) {
  if (position) return say(`已定位，误差 ${position.accuracy_m} 米`, `Place known to ${position.accuracy_m} m`);
  if (why === 'denied') return say('没有定位权限：记录里不会有位置', 'Location is not allowed: the record will have no place');
  if (why === 'unavailable') return say('定位不可用：记录里不会有位置', 'No location here: the record will have no place');
  return say('正在定位……', 'Looking for the place…');
}

const WITHOUT = {
  denied: () => say('应用没有使用相机的权限。请在手机设置或地址栏的权限里允许相机，再试一次；也可以先用系统相机拍。',
    "The app may not use the camera. Allow it in the phone's settings or in the address bar, then try again; or use the phone's own camera now."),
  busy: () => say('相机被别的应用或来电占用。结束后请再试一次。', 'Another app or a call uses the camera. Try again when it has ended.'),
  none: () => say('没有找到相机。可以用系统相机拍，或选取文件。', "No camera was found. Use the phone's own camera app instead."),
};

function Without({ why, again }) {
  return (
    <section class="camera-without" role="alert">
      <h2>{say('相机没有打开', 'The camera did not open')}</h2>
      <p>{WITHOUT[why]()}</p>
      <button type="button" onClick={again}>{say('再试一次', 'Try again')}</button>
    </section>
  );
}

function FromPhone({ busy, onFile }) {
  const chosen = (event) => {
    const [file] = event.currentTarget.files;
    if (file) onFile(file);
    event.currentTarget.value = '';
  };
  return (
    <label class="button first camera-file">
      {say('用系统相机拍', "Use the phone's camera")}
      <input type="file" accept="image/*" capture="environment" disabled={busy} onChange={chosen} />
    </label>
  );
}

async function read(file) {
  if (!PICTURES.includes(file.type)) {
    const words = say('这种图片收不了，请拍成 JPEG、PNG 或 HEIC。', 'Pictures must be JPEG, PNG or HEIC.');
    throw Object.assign(new Error('not a picture that records know'), { words });
  }
  return { bytes: new Uint8Array(await file.arrayBuffer()), type: file.type };
}

function Torch({ track }) {
  const [on, setOn] = useState(false);
  const press = () => light(track, !on).then(() => setOn(!on), () => setOn(false));
  return (
    <button type="button" class="camera-side" aria-pressed={on} onClick={press}>
      <Icon name="torch" />
      {say('补光', 'Light')}
    </button>
  );
}
