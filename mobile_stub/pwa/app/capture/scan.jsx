/** A paper that is scanned: the photo as it was taken is the evidence; the upright sheet is kept beside it as its copy. */

import { useEffect, useRef, useState } from 'preact/hooks';

import { say, today } from '../words.js';
import { Camera } from './camera.jsx';
import { isSheet, upright } from './perspective.js';
import { WORDS, look } from './quality.js';

const QUALITY = 0.9;
const STEP = 0.01;
const INSET = 0.06;
const START = [[INSET, INSET], [1 - INSET, INSET], [1 - INSET, 1 - INSET], [INSET, 1 - INSET]];
const NAMES = () => [say('左上角', 'Top left'), say('右上角', 'Top right'), say('右下角', 'Bottom right'), say('左下角', 'Bottom left')];
const KEYS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** @param {{onKeep: (captured: any, about: Record<string, any>) => Promise<string>, onClose: () => void}} properties */
export function Scan({ onKeep, onClose }) {
  const [photo, setPhoto] = useState(null);
  if (!photo) {
    const hint = say('把整张纸拍进来，光线均匀，字要清楚', 'The whole sheet, evenly lit, the writing sharp');
    return <Camera title={say('扫描文书', 'Scan a paper')} hint={hint} onClose={onClose} onPhoto={setPhoto} />;
  }
  return <Crop photo={photo} onAgain={() => setPhoto(null)} onClose={onClose} onKeep={onKeep} />;
}

function Crop({ photo, onAgain, onClose, onKeep }) {
  const dialog = useRef(null);
  const [corners, setCorners] = useState(START);
  const [place, setPlace] = useState('');
  const [compared, setCompared] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    dialog.current.showModal();
    look(photo.bytes, photo.type, { paper: true }).then(([first]) => first && setTrouble(say(WORDS[first].zh, WORDS[first].en)));
  }, []);
  const keep = async (event) => {
    event.preventDefault();
    if (!place.trim()) return setTrouble(say('请填写原件存放在哪里。', 'Say where the original is.'));
    if (!isSheet(corners)) return setTrouble(say('四个角交叉了，请拖回纸的四角。', "The corners cross; drag them to the sheet's corners."));
    setBusy(true);
    try {
      await keepBoth(photo, corners, { place: place.trim(), compared }, onKeep);
      onClose();
    } catch (error) {
      setTrouble(error.detail ?? say('没有保存成，请再试。', 'It was not kept; try again.'));
      setBusy(false);
    }
  };
  return (
    <dialog class="crop" ref={dialog} aria-label={say('裁切', 'Crop')} onCancel={(event) => (event.preventDefault(), onAgain())}>
      <form onSubmit={keep}>
        <h2>{say('把四个角拖到纸角上', "Drag the corners to the sheet's corners")}</h2>
        <Sheet photo={photo} corners={corners} onMove={(n, to) => setCorners(corners.map((one, at) => (at === n ? to : one)))} />
        <label for="original-place">{say('原件存放处', 'Place of the original')}</label>
        <input id="original-place" value={place} maxLength={200} autocomplete="off" onInput={({ currentTarget }) => setPlace(currentTarget.value)} />
        <label class="tick"><input type="checkbox" checked={compared} onChange={({ currentTarget }) => setCompared(currentTarget.checked)} /><span>{say('与原件核对无误', 'Compared with the original, alike')}</span></label>
        {trouble && <p class="trouble" role="alert">{trouble}</p>}
        <div class="pair">
          <button type="button" onClick={onAgain}>{say('重拍', 'Again')}</button>
          <button class="first" disabled={busy}>{busy ? say('正在保存', 'Keeping') : say('保存原照和裁切件', 'Keep photo and crop')}</button>
        </div>
      </form>
    </dialog>
  );
}

/** The original first: its copy names it. */
async function keepBoth(photo, corners, { place, compared }, onKeep) {
  const sheet = await sheetOf(photo, corners);
  const original = await onKeep(photo, { form: 'photo', kind: 'documentary' });
  const verified = compared ? { verified_against_original: true, verified_on: today() } : {};
  const captured = { bytes: sheet, type: 'image/jpeg', position: photo.position };
  await onKeep(captured, { form: 'copy', copy_of: original, original_place: place, ...verified });
}

async function sheetOf({ bytes, type }, corners) {
  const picture = await createImageBitmap(new Blob([bytes], { type }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const source = pen.getImageData(0, 0, picture.width, picture.height);
  const made = upright(source, corners.map(([x, y]) => [x * picture.width, y * picture.height]));
  picture.close();
  const sheet = new OffscreenCanvas(made.width, made.height);
  sheet.getContext('2d').putImageData(new ImageData(made.data, made.width, made.height), 0, 0);
  const blob = await sheet.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
  return new Uint8Array(await blob.arrayBuffer());
}

function Sheet({ photo, corners, onMove }) {
  const [address, setAddress] = useState(null);
  const box = useRef(null);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([photo.bytes], { type: photo.type }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [photo]);
  const drag = (n) => (event) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { left, top, width, height } = box.current.getBoundingClientRect();
    onMove(n, [within((event.clientX - left) / width), within((event.clientY - top) / height)]);
  };
  const key = (n) => (event) => {
    const by = KEYS[event.key];
    if (!by) return;
    event.preventDefault();
    onMove(n, corners[n].map((one, axis) => within(one + by[axis])));
  };
  return (
    <div class="sheet" ref={box}>
      {address && <img src={address} alt={say('刚拍的文书', 'The paper just photographed')} draggable={false} />}
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"><polygon points={corners.map((one) => one.join(',')).join(' ')} /></svg>
      {corners.map(([x, y], n) => (
        <button type="button" key={n} class="corner" aria-label={say(`${NAMES()[n]}，用方向键移动`, `${NAMES()[n]}, move by arrow keys`)}
          style={{ left: `${x * 100}%`, top: `${y * 100}%` }} onKeyDown={key(n)} onPointerMove={drag(n)}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)} />
      ))}
    </div>
  );
}

const within = (value) => Math.min(1, Math.max(0, value));
