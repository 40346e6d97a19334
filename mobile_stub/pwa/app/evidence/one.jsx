/** One item of evidence, as large as it can be: what it is, when and where it was captured, and how it stands. */

import { useEffect, useState } from 'preact/hooks';

import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { back } from '../router.js';
import { session, useLive } from '../session.js';
import { moment, nameOfCode, nameOfField, say, size } from '../words.js';
import { watermarked } from '../capture/watermark.js';
import { useOpened } from './opened.js';
import { standing } from './standing.js';
import { Tag } from './tag.jsx';
import { takeBack } from './void.js';

const AT_A_GLANCE = 12 * 1024 * 1024;

/** @param {{id: string}} properties */
export function OneEvidence({ id }) {
  const item = useLive((phone) => itemOf(phone, id).catch(() => null), [id]);
  if (item === undefined) return <main aria-busy="true" />;
  if (item === null) {
    return (
      <main>
        <Empty title={say('手机上没有这件证据', 'This item is not on this phone')}><a href="#/evidence">{say('回到取证', 'Back to evidence')}</a></Empty>
      </main>
    );
  }
  const { values, state } = item;
  return (
    <main class="one-evidence">
      <p class="way-back"><button type="button" onClick={() => back('/evidence')}><Icon name="back" />{say('返回', 'Back')}</button></p>
      <h1>{nameOfCode('evidence', values.form ? 'form' : 'media_type', values.form ?? values.media_type)}</h1>
      <p><Tag state={state} /></p>
      <Looked id={id} item={item} />
      <Facts item={item} />
      {item.here && state !== 'voided' && <TakeBack id={id} />}
    </main>
  );
}

async function itemOf(phone, id) {
  const { journal } = phone.kit;
  const shown = await phone.show(id);
  const changes = (await journal.rows('change/')).map(([, row]) => row).filter((row) => row.record === id);
  const item = standing(shown, changes, await journal.get(`file/${shown.values.cipher_digest}`));
  return { ...item, second: await nameOfUser(phone, shown.values.second_officer), titles: await titlesOf(phone, shown.values.inspection) };
}

async function nameOfUser(phone, id) {
  if (!id) return null;
  return (await phone.show(id).catch(() => null))?.values.name ?? id.slice(-8);
}

async function titlesOf(phone, inspection) {
  const visit = inspection ? await phone.show(inspection).catch(() => null) : null;
  const place = visit ? await phone.show(visit.values.institution).catch(() => null) : null;
  return { institution: place?.values.name ?? '', day: visit?.values.planned_on ?? '' };
}

/** Nothing heavy is opened unasked: a long video waits for a press. */
function Looked({ id, item }) {
  const [asked, setAsked] = useState(item.values.size <= AT_A_GLANCE);
  if (asked) return <Opened id={id} item={item} />;
  return (
    <p><button type="button" class="wide" onClick={() => setAsked(true)}>{say(`打开（${size(item.values.size)}）`, `Open (${size(item.values.size)})`)}</button></p>
  );
}

function Opened({ id, item }) {
  const type = item.values.media_type;
  const { address, blob, failed } = useOpened(id, type);
  if (failed) return <p class="trouble">{failedWords(failed)}</p>;
  if (!address) return <p class="quiet" aria-busy="true">{say('正在解密……', 'Decrypting…')}</p>;
  if (type.startsWith('image/')) return <Picture blob={blob} item={item} />;
  if (type === 'video/mp4') return <video class="large" src={address} controls playsInline />;
  if (type === 'audio/mp4') return <audio class="large" src={address} controls />;
  if (type === 'application/json') return <p><a class="button wide" href={`#/evidence/${id}/copy`}>{say('看笔录，打印或交给当事人', 'Read the record, print it or hand it over')}</a></p>;
  return <p class="quiet">{say('这种文件请在工作台上查看；摘要和状态在下面。', 'This kind of file is opened at the desk; its digest and state stand below.')}</p>;
}

const failedWords = ({ code }) => (code === 'offline'
  ? say('文件已经上传，手机上不再保存。连上网络后可以查看。', 'The file was sent and is kept here no more. Connect to look at it.')
  : say('文件打不开。记录本身不受影响。', 'The file cannot be opened. The record itself is not affected.'));

/** What is looked at and shared is a copy with a watermark; what is evidence is the original. */
function Picture({ blob, item }) {
  const [copy, setCopy] = useState(null);
  useEffect(() => {
    let address;
    let wanted = true;
    watermarked(blob, footOf(item), item.titles.institution || say('仅供核对', 'For comparison only')).then(
      (made) => {
        if (!wanted) return;
        address = URL.createObjectURL(made);
        setCopy({ address, made });
      },
      () => wanted && setCopy({ failed: true }),
    );
    return () => {
      wanted = false;
      if (address) URL.revokeObjectURL(address);
    };
  }, [blob]);
  if (!copy) return <p class="quiet" aria-busy="true">{say('正在打开……', 'Opening…')}</p>;
  if (copy.failed) return <p class="quiet">{say('这种图片手机显示不了；原件完好。', 'This phone cannot show this kind of picture; the original is whole.')}</p>;
  const file = new File([copy.made], 'copy.jpg', { type: 'image/jpeg' });
  const canShare = navigator.canShare?.({ files: [file] });
  return (
    <figure class="large">
      <img src={copy.address} alt={say('带水印的副本', 'Copy with a watermark')} />
      <figcaption>{say('显示的是带水印的副本，原件一个字节也没有改。', 'This is a copy with a watermark; not a byte of the original was changed.')}</figcaption>
      {canShare && <button type="button" class="wide" onClick={() => navigator.share({ files: [file] }).catch(() => {})}>{say('发送副本', 'Share the copy')}</button>}
    </figure>
  );
}

function footOf({ at, values, second, titles }) {
  const place = values.position && `${(values.position.lat_e7 / 1e7).toFixed(5)}, ${(values.position.lon_e7 / 1e7).toFixed(5)} ±${values.position.accuracy_m} m`;
  const me = session.status?.name ?? '';
  const who = [me, second].filter(Boolean).join('、');
  return [
    [at ? moment(at) : '', titles.institution].filter(Boolean).join('  '),
    [place || say('无位置', 'No place'), who && say(`检查人员：${who}`, `Officers: ${who}`)].filter(Boolean).join('  '),
    `SHA-256 ${values.digest.slice(0, 32)}`,
  ];
}

function Facts({ item }) {
  const { values, at, second } = item;
  const { position } = values;
  const rows = [
    [say('采集时间', 'Captured'), values.captured_from ? `${moment(values.captured_from)} – ${moment(values.captured_until)}` : at && say(`${moment(at)}（手机时间，上传后由服务器推定）`, `${moment(at)} (the phone's clock; the server derives it after sending)`)],
    [nameOfField('evidence', 'position'), position ? say(`误差 ${position.accuracy_m} 米`, `known to ${position.accuracy_m} m`) : say('没有位置', 'none')],
    [nameOfField('evidence', 'second_officer'), second],
    [nameOfField('evidence', 'size'), size(values.size)],
    [nameOfField('evidence', 'trace_codes'), values.trace_codes?.join(' ')],
    [nameOfField('evidence', 'original_place'), values.original_place],
    [nameOfField('evidence', 'note'), values.note],
    [nameOfField('evidence', 'digest'), <code class="digest">{values.digest}</code>],
  ];
  return <dl class="facts">{rows.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function TakeBack({ id }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  if (!asking) return <button type="button" class="wide" onClick={() => setAsking(true)}>{say('撤销这一件', 'Take this item back')}</button>;
  const act = (event) => {
    event.preventDefault();
    if (reason.trim()) takeBack(session.phone, id, reason.trim());
  };
  return (
    <form class="take-back" onSubmit={act}>
      <label for="reason">{say('为什么撤销', 'Why it is taken back')}</label>
      <input id="reason" value={reason} maxLength={200} required autocomplete="off" onInput={({ currentTarget }) => setReason(currentTarget.value)} />
      <p class="quiet">{say('撤销会记在台账里，采集的内容也会保留。', 'That it was taken back stands in the ledger, and so does what was captured.')}</p>
      <button class="wide" disabled={!reason.trim()}>{say('撤销', 'Take back')}</button>
    </form>
  );
}
