/** Before leaving the site: one list of what is missing; each entry leads to where it is mended. */

import { useState } from 'preact/hooks';

import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { doubtsOf } from '../rounds/open_round.js';
import { WORDS, missing } from '../rounds/sample.js';
import { session, useLive } from '../session.js';
import { nameOfCode, nameOfType, say } from '../words.js';

/** @param {{inspection: string}} properties */
export function Leaving({ inspection }) {
  const found = useLive((phone) => lookOver(phone, inspection), [inspection]);
  if (!found) return <main aria-busy="true"><h1>{say('离场检查', 'Before leaving')}</h1></main>;
  const { list, name } = found;
  return (
    <main>
      <h1>{say('离场检查', 'Before leaving')}</h1>
      <p class="quiet">{name}</p>
      {list.length === 0 ? (
        <Empty title={say('没有遗漏，可以离场', 'Nothing is missing: you may leave')}>
          {say('记录仍在本机，上传后以服务器回执为准。', 'Your records are on this phone; only the receipt says that they arrived.')}
        </Empty>
      ) : (
        <>
          <p role="status"><strong>{say(`还有 ${list.length} 项，离开后无法补救`, `${list.length} things that cannot be mended later`)}</strong></p>
          <ul class="missing">{list.map((one) => <Entry key={`${one.code} ${one.to} ${one.label}`} one={one} inspection={inspection} />)}</ul>
        </>
      )}
    </main>
  );
}

/** @param {import('../../protocol/phone.js').Phone} phone */
async function lookOver(phone, id) {
  const inspection = await phone.show(id);
  const [rounds, encounters, checks, evidence, doubts, institution] = await Promise.all([
    ...['ward_round', 'encounter', 'bed_check', 'evidence'].map((type) => phone.list(type)),
    doubtsOf(phone),
    phone.show(inspection.values.institution).catch(() => null),
  ]);
  const own = ({ values }) => values.inspection === id;
  const site = { inspection, rounds: rounds.filter(own), encounters, checks, evidence: evidence.filter(own), doubts };
  return { list: missing(site), name: institution?.values.name };
}

function Entry({ one, inspection }) {
  const { zh, en } = WORDS[one.code];
  const where = (
    <>
      <Icon name="alarm" />
      <span class="where">{say(zh, en)}</span>
      <span class="quiet">{about(one)}</span>
    </>
  );
  if (one.code === 'id_not_shown') return <li class="here">{where}<Shown inspection={inspection} /></li>;
  return <li><a href={`#${one.to}`}>{where}</a></li>;
}

/** Which of several it is: two entries of one kind never read alike. */
function about({ about: type, form, label, count }) {
  const what = form ? nameOfCode('evidence', 'form', form) : type && nameOfType(type);
  const parts = [what, label, count && say(`${count} 床`, `${count} beds`)];
  return parts.filter(Boolean).join(' · ');
}

/** What can be said right here needs no other page. */
function Shown({ inspection }) {
  const [busy, setBusy] = useState(false);
  const tell = () => {
    setBusy(true);
    return session.phone.edit(inspection, { id_shown_at: session.phone.kit.clock.wall() });
  };
  return <button type="button" disabled={busy} onClick={tell}>{say('已出示', 'Shown')}</button>;
}
