/**
 * Video and sound inside the app: sealed while it is recorded, kept when it is stopped, and nothing of it when discarded.
 *
 * Where it cannot be recorded here, the phone's own recorder is asked, and the user is told why.
 */

import { useEffect, useRef, useState } from 'preact/hooks';

import { Icon } from '../parts/icon.jsx';
import { say } from '../words.js';
import { placeWords } from './camera.jsx';
import { whyNot } from './picture.js';
import { Whereabouts } from './place.js';
import { Discarded, RECORDINGS, Recording, records } from './recording.js';

const WORD = { video: () => say('录像', 'Video'), audio: () => say('录音', 'Audio') };

/**
 * @param {{what: 'video' | 'audio', onKeep: (captured: {chunks?: AsyncIterable<Uint8Array>, file?: Blob, type: string,
 *   position: any}) => Promise<any>, onClose: () => void}} properties onKeep reads the chunks while they come
 */
export function Recorder({ what, onKeep, onClose }) {
  const dialog = useRef(null);
  const stream = useStream(what);
  const place = useRef(null);
  place.current ??= new Whereabouts();
  const [running, setRunning] = useState(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    dialog.current.showModal();
    place.current.begin();
    return () => place.current.end();
  }, []);

  const keep = async (captured) => {
    setTrouble('');
    try {
      await onKeep({ ...captured, position: place.current.here().position });
      navigator.vibrate?.([30, 60, 30]);
      onClose();
    } catch (error) {
      if (!(error instanceof Discarded)) setTrouble(say('没有保存成。请看剩余空间，再录一次。', 'It was not kept. Look at the free space, then record again.'));
    }
    setRunning(null);
    setBusy(false);
  };
  const start = () => {
    const recording = new Recording(stream.media, what);
    setRunning({ recording, since: performance.now() });
    keep({ chunks: recording.chunks(), type: recording.type });
  };
  const stop = () => {
    setBusy(true);
    running.recording.stop();
  };
  const leave = () => {
    running?.recording.discard();
    onClose();
  };
  const picked = (file) => {
    if (file.type !== RECORDINGS[what].type) return setTrouble(say('请选 MP4 格式的文件。', 'The file must be MP4.'));
    setBusy(true);
    return keep({ file, type: file.type });
  };
  return (
    <dialog class="camera recorder" ref={dialog} aria-label={WORD[what]()} onCancel={(event) => (event.preventDefault(), running || leave())}>
      <Stage what={what} stream={stream} running={running} onLong={stop} />
      <header>
        <h2>{WORD[what]()}</h2>
        <p class="camera-place">{placeWords(place.current.here())}</p>
        {trouble && <p class="camera-trouble" role="alert">{trouble}</p>}
      </header>
      <footer>
        <button type="button" class="camera-side" onClick={leave}><Icon name="cross" />{running ? say('不要了', 'Discard') : say('关闭', 'Close')}</button>
        {stream.state === 'none' || stream.state === 'denied' || stream.state === 'busy' || stream.state === 'cannot' ? (
          <FromPhone what={what} busy={busy} onFile={picked} />
        ) : (
          <button type="button" class={`shutter record ${running ? 'on' : ''}`} disabled={busy || stream.state !== 'live'} aria-busy={busy}
            onClick={running ? stop : start}>
            <span>{busy ? say('正在保存', 'Keeping') : running ? say('停止', 'Stop') : say('开始', 'Start')}</span>
          </button>
        )}
        <span class="camera-side" />
      </footer>
    </dialog>
  );
}

function useStream(what) {
  const [found, setFound] = useState({ state: records(what) ? 'asking' : 'cannot', media: null });
  useEffect(() => {
    if (!records(what)) return;
    let wanted = true;
    let media = null;
    const stop = () => media?.getTracks().forEach((one) => one.stop());
    navigator.mediaDevices.getUserMedia(RECORDINGS[what].asked).then(
      (given) => {
        media = given;
        if (wanted) setFound({ state: 'live', media });
        else stop();
      },
      (error) => wanted && setFound({ state: whyNot(error), media: null }),
    );
    return () => {
      wanted = false;
      stop();
    };
  }, [what]);
  return found;
}

/** What is seen while it is recorded: the picture, or for sound the time in large digits. */
function Stage({ what, stream, running, onLong }) {
  const video = useRef(null);
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    if (stream.media && video.current) video.current.srcObject = stream.media;
  }, [stream.media]);
  useEffect(() => {
    if (!running) return setPassed(0);
    const timer = setInterval(() => {
      const ms = performance.now() - running.since;
      setPassed(ms);
      if (ms > RECORDINGS[what].most_ms) onLong();
    }, 500);
    return () => clearInterval(timer);
  }, [running]);
  if (stream.state !== 'live' && stream.state !== 'asking') return <Without what={what} why={stream.state} />;
  return (
    <>
      {what === 'video' && <video ref={video} autoPlay playsInline muted aria-label={say('取景画面', 'What the camera sees')} />}
      <p class={`passed ${what} ${running ? 'on' : ''}`} role="timer">{running ? clock(passed) : '00:00'}</p>
    </>
  );
}

const clock = (ms) => [Math.floor(ms / 60_000), Math.floor(ms / 1000) % 60].map((part) => String(part).padStart(2, '0')).join(':');

const WITHOUT = {
  denied: () => say('应用没有使用麦克风或相机的权限。请在手机设置里允许后再打开；也可以用系统自带的录制。',
    "The app may not use the microphone or camera. Allow it in the phone's settings and open this again; or use the phone's own recorder."),
  busy: () => say('麦克风或相机被别的应用占用。结束后再打开。', 'Another app uses the microphone or camera. Open this again when it has ended.'),
  none: () => say('没有找到麦克风或相机。可以选取一个录好的文件。', 'No microphone or camera was found. You can choose a file that was recorded before.'),
  cannot: () => say('这个浏览器录不了 MP4。请用系统自带的录制。', "This browser records no MP4. Use the phone's own recorder."),
};

function Without({ what, why }) {
  return (
    <section class="camera-without" role="alert">
      <h2>{say(`不能在这里${WORD[what]()}`, `No ${WORD[what]().toLowerCase()} here`)}</h2>
      <p>{WITHOUT[why]()}</p>
    </section>
  );
}

function FromPhone({ what, busy, onFile }) {
  const chosen = (event) => {
    const [file] = event.currentTarget.files;
    if (file) onFile(file);
    event.currentTarget.value = '';
  };
  return (
    <label class="button first camera-file">
      {say('用系统录制', "Use the phone's recorder")}
      <input type="file" accept={`${what}/mp4`} capture={what === 'video' ? 'environment' : 'user'} disabled={busy} onChange={chosen} />
    </label>
  );
}

