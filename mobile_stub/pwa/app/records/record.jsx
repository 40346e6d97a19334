/** A record is written, read out, signed by both officers and the party (or refused before a witness), and kept. */

import { useState } from 'preact/hooks';

import { colleague, keepEvidence } from '../capture/keep.js';
import { Whereabouts } from '../capture/place.js';
import { Signature } from '../capture/signature.jsx';
import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { back, go } from '../router.js';
import { session, useLive } from '../session.js';
import { clockTime, moment, nameOfCode, say } from '../words.js';
import { useKeptDraft } from './kept_draft.js';
import { Words } from './record_words.jsx';
import { FORMS, blank, bytesOf, contentOf, inkOf, missing, signersOf, valuesOf } from './written.js';

const OFFICERS = 'app/officers';
/** The page's own: where the officers stand is known before the last one has signed. */
const place = new Whereabouts();

/** @param {{inspection: string, form: string}} properties */
export function WriteRecord({ inspection, form }) {
  const about = useLive((phone) => aboutOf(phone, inspection).catch(() => null), [inspection]);
  if (about === undefined) return <main aria-busy="true" />;
  if (!about || !FORMS[form]) return <main><Empty title={say('不能在这里写笔录', 'No record can be written here')}><a href="#/evidence">{say('回到取证', 'Back to evidence')}</a></Empty></main>;
  if (!about.second) {
    return (
      <main>
        <Empty title={say('笔录要两名检查人员', 'A record needs two officers')}>{say('这次检查只有您一人，请先在工作台加上同行检查员，再同步。', 'You are alone on this inspection. Have a second officer added at the desk, then sync.')}</Empty>
      </main>
    );
  }
  return <Writing about={about} form={form} />;
}

async function aboutOf(phone, inspection) {
  const { values } = await phone.show(inspection);
  const institution = await phone.show(values.institution).catch(() => null);
  return {
    inspection,
    second: await colleague(phone, inspection),
    institution: institution?.values.name ?? '',
    code: institution?.values.fixmedins_code ?? '',
  };
}

function Writing({ about, form }) {
  const { journal } = session.phone.kit;
  const before = async () => blank(Date.now(), (await journal.get(OFFICERS)) ?? []);
  const [draft, change, keepDraft, forget, restored] = useKeptDraft(`draft/record/${about.inspection}/${form}`, before);
  const [faults, setFaults] = useState([]);
  const [signing, setSigning] = useState(null);
  const [busy, setBusy] = useState(false);
  if (!draft) return <main aria-busy="true" />;
  const begun = draft.signatures.some(Boolean);
  const sign = (n) => {
    const found = missing(form, draft);
    setFaults(found);
    if (found.length) return requestAnimationFrame(() => document.querySelector('[aria-invalid="true"]')?.focus());
    place.begin();
    setSigning(n);
  };
  const signed = async (n, how) => {
    const one = { ...signersOf(form, draft)[n], at: Date.now(), ...how };
    one.name = one.name.trim();
    // Nobody is asked to sign twice: it reads as signed once it is in the journal.
    await keepDraft({ ...draft, signatures: draft.signatures.map((known, at) => (at === n ? one : known)) });
    setSigning(null);
  };
  const keep = async () => {
    setBusy(true);
    const content = contentOf(form, draft, { ...about, ended: Date.now() });
    const captured = { bytes: bytesOf(content), type: 'application/json', position: place.here().position };
    const id = await keepEvidence(session.phone, captured, { inspection: about.inspection, ...valuesOf(content) });
    await journal.write([[OFFICERS, content.officers]]);
    await forget();
    place.end();
    navigator.vibrate?.([30, 60, 30]);
    go(`/evidence/${id}/copy`, { instead: true });
  };
  if (signing !== null) return <Signing form={form} draft={draft} about={about} n={signing} onSigned={signed} onBack={() => setSigning(null)} />;
  return (
    <main class="record">
      <p class="way-back"><button type="button" onClick={() => back('/evidence')}><Icon name="back" />{say('返回，草稿留着', 'Back, the draft stays')}</button></p>
      <h1>{nameOfCode('evidence', 'form', form)}</h1>
      <p class="quiet">{[about.institution, moment(draft.began)].filter(Boolean).join(' · ')}</p>
      {restored && <p class="note">{say('这是上次没有写完的草稿。', 'This is the draft that was left unfinished.')}</p>}
      {begun && <Locked onOpen={() => change({ ...draft, signatures: [null, null, null] })} />}
      <fieldset class="plain" disabled={begun}><Words form={form} draft={draft} faults={faults} onChange={change} /></fieldset>
      <Signers form={form} draft={draft} onSign={sign} />
      <button type="button" class="first wide" disabled={busy || !draft.signatures.every(Boolean)} aria-busy={busy} onClick={keep}>
        {say('保存笔录', 'Keep the record')}
      </button>
      {!draft.signatures.every(Boolean) && <p class="quiet">{say('三方都签名，或记录了拒签，才能保存。草稿一直在手机上。', 'It is kept once all three signed, or it is recorded that one would not. The draft stays on this phone.')}</p>}
    </main>
  );
}

function Locked({ onOpen }) {
  return (
    <p class="note">
      {say('已有人签名，正文不能再改。', 'Somebody has signed; the words cannot change any more.')}{' '}
      <button type="button" onClick={onOpen}>{say('作废签名，修改正文', 'Drop the signatures and change it')}</button>
    </p>
  );
}

function Signers({ form, draft, onSign }) {
  return (
    <section aria-labelledby="signers">
      <h2 id="signers">{say('签名', 'Signatures')}</h2>
      <ul class="signers">
        {signersOf(form, draft).map(({ signer, name }, n) => {
          const done = draft.signatures[n];
          const who = `${WORDS[signer]()} ${name}`.trim();
          return (
            <li key={n}>
              {done ? (
                <p class="with-icon"><Icon name="tick" />{`${who} · ${WORDS[done.outcome]()} ${clockTime(done.at)}${done.witness ? say(` · 见证人 ${done.witness}`, ` · witness ${done.witness}`) : ''}`}</p>
              ) : (
                <button type="button" class="wide" onClick={() => onSign(n)}>{say(`请${who}签名`, `Have ${who} sign`)}</button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const WORDS = {
  officer: () => say('检查人员', 'officer'),
  party: () => say('被检查人', 'the inspected party'),
  interviewee: () => say('被询问人', 'the person asked'),
  signed: () => say('已签名', 'signed'),
  refused: () => say('拒绝签名', 'refused to sign'),
  unable: () => say('无法签名', 'unable to sign'),
};

/** Who signs reads what he signs first; the pad lies below it. */
function Signing({ form, draft, about, n, onSigned, onBack }) {
  const { signer, name } = signersOf(form, draft)[n];
  const content = contentOf(form, draft, { ...about, ended: Date.now() });
  const refuse = signer === 'officer' ? undefined : (refusal) => onSigned(n, refusal);
  return (
    <main class="record">
      <p class="way-back"><button type="button" onClick={onBack}><Icon name="back" />{say('回到笔录', 'Back to the record')}</button></p>
      <h1>{say('以上笔录请核对后签名', 'Read it, then sign')}</h1>
      <div class="read-out" tabIndex={0} role="region" aria-label={say('笔录正文', 'Text of the record')}>
        {content.rights && <p>{content.rights}</p>}
        {content.paragraphs.map((one, at) => <p key={at}>{one.asked && <><b>问：{one.asked}</b><br />答：</>}{one.text}</p>)}
      </div>
      <Signature who={`${WORDS[signer]()} ${name}`} onRefused={refuse} onSigned={(strokes) => onSigned(n, { outcome: 'signed', ink: inkOf(strokes) })} />
    </main>
  );
}
