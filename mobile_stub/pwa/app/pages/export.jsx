/** The way out without a network: what was not sent, sealed to the server, as one file that the desk takes in. */

import { useState } from 'preact/hooks';

import { refresh } from '../opening.js';
import { session } from '../session.js';
import { say, size } from '../words.js';
import { troubleWords } from './sync_words.js';

const TYPE = 'application/vnd.wardledger.outbox';

export function Export() {
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState('');
  const [fault, setFault] = useState('');
  const write = async () => {
    setBusy(true);
    setFault('');
    try {
      const { stream, sets, files, left } = await session.phone.exportOutbox();
      const file = new File(await collected(stream), nameOfFile(), { type: TYPE });
      if (await handed(file)) setTold(doneWords({ sets, files, left, bytes: file.size }));
      await refresh();
    } catch (error) {
      setFault(troubleWords(error.code, error.detail));
    }
    setBusy(false);
  };
  return (
    <section>
      <h2>{say('一直没有网络？', 'No network for long?')}</h2>
      <p>{say(
        '把未上传的内容导出为一个加密文件，只有服务器能打开。用数据线或存储卡交给单位，由管理员导入。手机上的内容不会减少，直到有核验过的回执。',
        'Export what was not sent as one encrypted file that only the server opens. Hand it over by cable or card; the administrator imports it. Nothing on the phone goes before its verified receipt.',
      )}</p>
      {told && <p role="status">{told}</p>}
      {fault && <p class="trouble" role="alert">{fault}</p>}
      <button class="wide" disabled={busy || Boolean(session.syncing)} onClick={write}>
        {busy ? say('正在导出……', 'Exporting…') : say('导出未上传的内容', 'Export what was not sent')}
      </button>
    </section>
  );
}

/** A blob of blobs lies on the disk where the browser wants it there: a long video is never whole in memory. */
async function collected(stream) {
  const parts = [];
  for await (const piece of stream) parts.push(new Blob([piece]));
  return parts;
}

const nameOfFile = () => {
  const time = new Date().toISOString().slice(0, 16).replace(/[-:T]/g, '');
  return `wardledger-${session.status.device.slice(-8)}-${time}.wlo`;
};

/** Share the file where the phone can, else download it; false where the user thought better of it. */
async function handed(file) {
  if (navigator.canShare?.({ files: [file] })) {
    try {
      await navigator.share({ files: [file] });
      return true;
    } catch (error) {
      if (error.name === 'AbortError') return false;
    }
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return true;
}

function doneWords({ sets, files, left, bytes }) {
  const whole = say(`已导出 ${sets} 组记录、${files} 个文件，共 ${size(bytes)}。`, `${sets} sets and ${files} files were exported, ${size(bytes)} in all. `);
  const rest = left ? say(`另有 ${left} 项不能再封装，仍在手机上。`, `${left} items can no longer be sealed and stay on the phone. `) : '';
  return `${whole}${rest}${say('导入之前请保留手机上的数据。', 'Keep the phone’s data until it was imported.')}`;
}
