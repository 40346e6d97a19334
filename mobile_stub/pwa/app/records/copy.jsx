/**
 * The party's copy: the signed record as a Chinese page, drawn on the phone without a network, to print or to hand over.
 *
 * It bears the digest of the original and a QR code that leads to the ledger's own word on that digest.
 */

import { useRef } from 'preact/hooks';
import { encodeQR } from 'qr';

import { useOpened } from '../evidence/opened.js';
import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { back } from '../router.js';
import { session, useLive } from '../session.js';
import { say } from '../words.js';
import { useContent } from './content.js';
import { PAD } from './written.js';

const TITLES = { scene_record: '现场检查笔录', inquiry_record: '询问笔录', supplementary_record: '补充笔录' };
const SIGNERS = { officer: '检查人员', party: '被检查人', interviewee: '被询问人' };
const OUTCOMES = { signed: '', refused: '拒绝签名', unable: '无法签名' };
const TIME = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23' });
/** What the handed-over file looks like: it stands alone. */
const LOOKS = 'body{font:16px/1.7 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:42em;margin:2em auto;padding:0 1em;color:#000;background:#fff}'
  + 'h1{text-align:center}table{border-collapse:collapse;width:100%}th,td{border:1px solid #444;padding:.4em .6em;text-align:left;vertical-align:top}'
  + 'th{width:8em;font-weight:400}svg.ink{width:15em;height:6em}svg.qr{width:9em;height:9em}code{overflow-wrap:anywhere}';

/** @param {{id: string}} properties */
export function PartyCopy({ id }) {
  const known = useLive((phone) => phone.show(id).catch(() => null), [id]);
  if (known === undefined) return <main aria-busy="true" />;
  if (!known || known.values.media_type !== 'application/json') {
    return <main><Empty title={say('没有这份笔录', 'There is no such record')}><a href="#/evidence">{say('回到取证', 'Back to evidence')}</a></Empty></main>;
  }
  return <Sheet id={id} values={known.values} />;
}

function Sheet({ id, values }) {
  const paper = useRef(null);
  const opened = useOpened(id, values.media_type);
  const content = useContent(opened.blob);
  if (opened.failed || content === null) {
    return <main><p class="trouble">{say('笔录正文打不开。连上网络后再试；记录本身不受影响。', 'The text cannot be opened. Connect and try again; the record itself is not affected.')}</p></main>;
  }
  if (!content) return <main aria-busy="true" />;
  const file = () => new File([`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>${TITLES[content.form]}</title><style>${LOOKS}</style>${paper.current.innerHTML}</html>`], 'record.html', { type: 'text/html' });
  return (
    <main class="party-copy">
      <p class="way-back"><button type="button" onClick={() => back('/evidence')}><Icon name="back" />{say('返回', 'Back')}</button></p>
      <div class="hand-over">
        <button type="button" class="first wide" onClick={() => print()}>{say('打印', 'Print')}</button>
        <button type="button" class="wide" onClick={() => handOver(file())}>{say('交给当事人（文件）', 'Hand over as a file')}</button>
        <p class="quiet">{say('当事人扫二维码可核对台账。同步以后二维码才查得到。', 'The party checks the ledger by the QR code, once this was synced.')}</p>
      </div>
      <article class="paper" lang="zh-CN" ref={paper}><Paper id={id} values={values} content={content} /></article>
    </main>
  );
}

async function handOver(file) {
  if (navigator.canShare?.({ files: [file] })) return navigator.share({ files: [file] }).catch(() => {});
  const address = URL.createObjectURL(file);
  const link = Object.assign(document.createElement('a'), { href: address, download: file.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function Paper({ id, values, content }) {
  const address = `${session.phone.kit.me.url}/verify/${id}/${values.digest}`;
  const rows = [
    ['被检查单位', [content.institution, content.code && `（${content.code}）`].join('')],
    ['地点', content.place],
    ['时间', `${TIME.format(content.began)} 至 ${TIME.format(content.ended)}`],
    ['检查人员', content.officers.map(({ name, card }) => `${name}（执法证号 ${card}）`).join('、')],
    [content.rights ? '被询问人' : '在场人', [content.person.name, content.person.post].filter(Boolean).join('，')],
  ];
  return (
    <>
      <h1>{TITLES[content.form]}</h1>
      <table><tbody>{rows.map(([name, value]) => <tr key={name}><th scope="row">{name}</th><td>{value}</td></tr>)}</tbody></table>
      {content.rights && <><h2>权利义务告知</h2><p>{content.rights}</p></>}
      <h2>{content.rights ? '询问内容' : '检查情况'}</h2>
      {content.paragraphs.map((one, n) => <p key={n}>{one.asked && <>问：{one.asked}<br />答：</>}{one.text}</p>)}
      <h2>签名</h2>
      <table><tbody>{content.signatures.map((one, n) => <tr key={n}><th scope="row">{SIGNERS[one.signer]}<br />{one.name}</th><td><Mark signature={one} /></td></tr>)}</tbody></table>
      <h2>核对</h2>
      <p>原件摘要（SHA-256）<br /><code>{values.digest}</code></p>
      <p><Code text={address} /><br /><code>{address}</code></p>
    </>
  );
}

function Mark({ signature: { outcome, ink, reason, witness, at } }) {
  return (
    <>
      {ink && <svg class="ink" viewBox={`0 0 ${PAD.width} ${PAD.height}`} role="img" aria-label="签名"><path d={ink} fill="none" stroke="#000" stroke-width="6" stroke-linecap="round" stroke-linejoin="round" /></svg>}
      {outcome !== 'signed' && <p>{`${OUTCOMES[outcome]}，理由：${reason}；见证人：${witness}`}</p>}
      <p>{TIME.format(at)}</p>
    </>
  );
}

/** A QR code as one path: no picture from elsewhere, no style. */
function Code({ text }) {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const path = rows.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
  return <svg class="qr" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label="核对用二维码"><rect width={rows.length} height={rows.length} fill="#fff" /><path d={path} fill="#000" /></svg>;
}
