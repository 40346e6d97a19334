/** The end of a round: both officers and the ward sign on glass, or somebody's refusal is recorded; then it is closed. */

import { useEffect, useState } from 'preact/hooks';

import { Signature } from '../capture/signature.jsx';
import { Icon } from '../parts/icon.jsx';
import { finish } from '../rounds/acts.js';
import { useRound } from '../rounds/open_round.js';
import { usePlaceOfPhone } from '../rounds/place.js';
import { Progress } from '../rounds/progress.jsx';
import { drawSheet } from '../rounds/sheet.js';
import { go } from '../router.js';
import { session } from '../session.js';
import { say } from '../words.js';

const SIGNERS = [
  { key: 'me', signer: 'officer', title: () => say('检查人员', 'Officer') },
  { key: 'second', signer: 'officer', title: () => say('同行检查人员', 'Second officer') },
  { key: 'party', signer: 'party', title: () => say('被检查方', 'Inspected party'), refusable: true },
];

/** The other members of the inspection: without one there is nobody to sign second. */
const colleaguesOf = ({ inspection }) => (inspection?.values.members ?? []).filter((one) => one !== session.phone.kit.me.user);
const signersOf = (data) => SIGNERS.filter(({ key }) => key !== 'second' || colleaguesOf(data).length);

/** @param {{id: string}} properties */
export function RoundFinish({ id }) {
  const data = useRound(id);
  const [draft, setDraft] = useDraft(id);
  if (data === undefined || draft === undefined) return <main aria-busy="true"><h1>{say('结束查房', 'Finish the round')}</h1></main>;
  if (!data || data.round.values.stage === 'concluded') return <Over id={id} />;
  const step = signersOf(data).find(({ key }) => !draft[key]);
  return (
    <main class="round">
      <header class="round-head">
        <a class="button back" href={`#/round/${id}`} aria-label={say('回到床位', 'Back to the beds')}><Icon name="back" /></a>
        <h1>{say('结束查房', 'Finish the round')}</h1>
      </header>
      <Progress progress={data.progress} />
      {data.progress.left.length > 0 && (
        <p class="note">
          <a href={`#/round/${id}/bed/${data.progress.left[0].id}`}>{say(`还有 ${data.progress.left.length} 床没有核查`, `${data.progress.left.length} beds are not checked`)}</a>
        </p>
      )}
      {!colleaguesOf(data).length && <p class="note">{say('检查组只有您一人：本次查房缺少第二名检查人员。', 'You are alone in this inspection: the round lacks a second officer.')}</p>}
      <Signed draft={draft} onAgain={(key) => setDraft({ ...draft, [key]: undefined })} />
      {step ? <Sign key={step.key} step={step} data={data} onSigned={(one) => setDraft({ ...draft, [step.key]: one })} /> : <Close data={data} draft={draft} />}
    </main>
  );
}

function Over({ id }) {
  return (
    <main>
      <h1>{say('查房已结束', 'The round is finished')}</h1>
      <a class="button" href={`#/round/${id}`}>{say('看床位', 'See the beds')}</a>
    </main>
  );
}

/** Signatures that were given and not kept yet outlive a page that is left; sealed with the rest. */
function useDraft(id) {
  const key = `round-signatures/${id}`;
  const [draft, set] = useState(undefined);
  const { phone } = session;
  useEffect(() => {
    phone.kit.journal.get(key).then((found) => set(found ?? {}));
  }, [id]);
  const put = async (next) => {
    await phone.kit.journal.write([[key, next]]);
    set(next);
  };
  return [draft, put];
}

function Signed({ draft, onAgain }) {
  const done = SIGNERS.filter(({ key }) => draft[key]);
  return (
    <ul class="missing">
      {done.map(({ key, title }) => (
        <li key={key} class="here">
          <span class="is-in_bed">{title()}</span>
          <span>{draft[key].name}</span>
          <span class="quiet">{draft[key].strokes ? say('已签名', 'signed') : say('未签名，已记录', 'not signed, recorded')}</span>
          <button type="button" onClick={() => onAgain(key)}>{say('重签', 'Again')}</button>
        </li>
      ))}
    </ul>
  );
}

function Sign({ step, data, onSigned }) {
  const [name, setName] = useState('');
  const [asked, setAsked] = useState(false);
  const second = step.key === 'second';
  const colleagues = colleaguesOf(data);
  const [user, setUser] = useState(data.round.values.second_officer ?? colleagues[0] ?? null);
  const give = (what) => {
    setAsked(true);
    if (name.trim()) onSigned({ name: name.trim(), at: session.phone.kit.clock.wall(), ...(second ? { user } : {}), ...what });
  };
  return (
    <>
      <label for="signer-name">{say(`${step.title()}姓名`, `${step.title()}: name`)}</label>
      <input id="signer-name" autocomplete="off" maxLength={60} value={name} aria-invalid={asked && !name.trim()} onInput={(event) => setName(event.currentTarget.value)} />
      {asked && !name.trim() && <p class="trouble" role="alert">{say('请先填写姓名', 'Write the name first')}</p>}
      {second && colleagues.length > 1 && <Colleague all={colleagues} value={user} onPick={setUser} />}
      <Signature who={step.title()} onSigned={(strokes) => give({ strokes })} onRefused={step.refusable ? give : undefined} />
    </>
  );
}

function Colleague({ all, value, onPick }) {
  return (
    <>
      <label for="colleague">{say('哪一位同行检查员', 'Which colleague')}</label>
      <select id="colleague" value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {all.map((one, n) => <option key={one} value={one}>{say(`同行检查员 ${n + 1}（尾号 ${one.slice(-4)}）`, `Colleague ${n + 1} (…${one.slice(-4)})`)}</option>)}
      </select>
    </>
  );
}

function Close({ data, draft }) {
  const here = usePlaceOfPhone();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const close = async () => {
    setBusy(true);
    try {
      await conclude(data, draft, here().position);
      navigator.vibrate?.([30, 60, 30]);
      go(`/leaving/${data.round.values.inspection}`, { instead: true });
    } catch (error) {
      setTrouble(error.detail ?? error.message);
      setBusy(false);
    }
  };
  return (
    <div class="dock">
      {trouble && <p class="trouble" role="alert">{say('没有保存：', 'Not kept: ')}{trouble}</p>}
      <button type="button" class="first wide" disabled={busy} onClick={close}>{say('保存笔录并结束查房', 'Keep the record and finish')}</button>
    </div>
  );
}

async function conclude(data, draft, position) {
  const { phone } = session;
  const now = phone.kit.clock.wall();
  const signers = signersOf(data);
  const shown = signers.map(({ key, title }) => ({ title: title(), words: wordsOf(draft[key]), ...draft[key] }));
  const bytes = await drawSheet(data, shown, now);
  const signatures = signers.map(({ key, signer }) => {
    const { name, at, outcome = 'signed', reason, witness } = draft[key];
    return { signer, name, at, outcome, ...(reason ? { reason } : {}), ...(witness ? { witness } : {}) };
  });
  await finish(phone, data, { sheet: { bytes, type: 'image/png', position }, signatures, second: draft.second?.user ?? null });
  await phone.kit.journal.write([[`round-signatures/${data.round.id}`, undefined]]);
}

function wordsOf({ outcome, reason, witness }) {
  if (!outcome) return '';
  const what = outcome === 'refused' ? say('拒绝签名', 'refused to sign') : say('无法签名', 'unable to sign');
  return say(`${what}：${reason}（见证人 ${witness}）`, `${what}: ${reason} (witness ${witness})`);
}
