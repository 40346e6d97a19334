/** A file that lies on the phone already: what it is, where its original is, and then it is evidence like any other. */

import { useEffect, useRef, useState } from 'preact/hooks';

import { Whereabouts } from '../capture/place.js';
import { fieldOf, nameOfField, say, size } from '../words.js';

/** By type, the forms that such a file can have; the first is the usual one. */
const FORMS = {
  'image/jpeg': ['copy', 'photo', 'stock_count', 'export', 'hold_list'],
  'image/png': ['export', 'copy', 'photo', 'stock_count'],
  'image/heic': ['photo', 'copy'],
  'application/pdf': ['copy', 'export', 'stock_count', 'hold_list'],
  'audio/mp4': ['audio'],
  'video/mp4': ['video'],
};
const LIKE = { 'audio/x-m4a': 'audio/mp4', 'audio/m4a': 'audio/mp4', 'image/heif': 'image/heic' };
const BYTES_MAX = 2 * 1024 ** 3;

/** @param {{onKeep: (captured: any, about: Record<string, any>) => Promise<string>, onClose: () => void}} properties */
export function FromFile({ onKeep, onClose }) {
  const dialog = useRef(null);
  const place = useRef(null);
  place.current ??= new Whereabouts();
  const [file, setFile] = useState(null);
  const [said, setSaid] = useState({ form: '', original_place: '', note: '' });
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    dialog.current.showModal();
    place.current.begin();
    return () => place.current.end();
  }, []);
  const type = file && (LIKE[file.type] ?? file.type);
  const choose = ({ currentTarget }) => {
    const [one] = currentTarget.files;
    if (!one) return;
    const known = FORMS[LIKE[one.type] ?? one.type];
    const wrong = faultOf(one, known);
    setTrouble(wrong);
    setFile(wrong ? null : one);
    if (!wrong) setSaid({ ...said, form: known[0] });
  };
  const keep = async (event) => {
    event.preventDefault();
    if (said.form === 'copy' && !said.original_place.trim()) return setTrouble(say('请填写原件存放处。', 'Say where the original is.'));
    setBusy(true);
    setTrouble('');
    try {
      const about = { form: said.form, note: said.note.trim() || null, original_place: said.original_place.trim() || null };
      await onKeep({ file, type, position: place.current.here().position }, about);
      onClose();
    } catch (error) {
      setTrouble(error.detail ?? say('没有保存成。', 'It was not kept.'));
      setBusy(false);
    }
  };
  return (
    <dialog class="sheet-form" ref={dialog} aria-label={say('选取文件', 'File')} onCancel={(event) => (event.preventDefault(), onClose())}>
      <form onSubmit={keep}>
        <h2>{say('手机里的文件', 'A file on this phone')}</h2>
        <label for="file">{say('文件（图片、PDF、MP4 录音录像）', 'File (picture, PDF, MP4 sound or video)')}</label>
        <input id="file" type="file" accept={[...Object.keys(FORMS), ...Object.keys(LIKE)].join(',')} onChange={choose} />
        {file && <p class="quiet">{size(file.size)}</p>}
        {file && <Form type={type} value={said.form} onChange={(form) => setSaid({ ...said, form })} />}
        {said.form === 'copy' && <Line name="original_place" value={said.original_place} most={200} onChange={(text) => setSaid({ ...said, original_place: text })} />}
        {file && <Line name="note" value={said.note} most={500} onChange={(text) => setSaid({ ...said, note: text })} />}
        {trouble && <p class="trouble" role="alert">{trouble}</p>}
        <div class="pair">
          <button type="button" onClick={onClose}>{say('关闭', 'Close')}</button>
          <button class="first" disabled={!file || busy} aria-busy={busy}>{busy ? say('正在保存', 'Keeping') : say('保存到本机', 'Keep on this phone')}</button>
        </div>
      </form>
    </dialog>
  );
}

function faultOf(file, known) {
  if (!known) return say('这种文件收不了。请换成图片、PDF 或 MP4。', 'This kind of file is not taken. Use a picture, PDF or MP4.');
  if (!file.size) return say('文件是空的。', 'The file is empty.');
  return file.size > BYTES_MAX ? say('文件超过 2 GB，请分段。', 'The file is larger than 2 GB; split it.') : '';
}

function Form({ type, value, onChange }) {
  const words = Object.fromEntries(fieldOf('evidence', 'form').choices.map((one) => [one.value, say(one.zh, one.en)]));
  return (
    <p>
      <label for="form">{nameOfField('evidence', 'form')}</label>
      <select id="form" value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {FORMS[type].map((form) => <option key={form} value={form}>{words[form]}</option>)}
      </select>
    </p>
  );
}

function Line({ name, value, most, onChange }) {
  return (
    <p>
      <label for={name}>{nameOfField('evidence', name)}</label>
      <input id={name} value={value} maxLength={most} autocomplete="off" onInput={({ currentTarget }) => onChange(currentTarget.value)} />
    </p>
  );
}
