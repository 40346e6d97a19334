/** What needs the owner, each with its reason, what was kept, and the one act that mends it. */

import { useState } from 'preact/hooks';

import { needsOf, putAway } from '../casework/reading.js';
import { wordsOfCode, wordsOfVerdict } from '../casework/outcomes.js';
import { steps } from '../casework/rights.js';
import forms from '../../generated/records.json';
import { Empty } from '../parts/empty.jsx';
import { titleOf } from '../parts/evidence_pick.jsx';
import { Head, Mark, Waiting } from '../parts/head.jsx';
import { Recapture } from '../parts/recapture.jsx';
import { change, session, useLive } from '../session.js';
import { nameOfCode, nameOfField, nameOfType, say } from '../words.js';

export function Needs() {
  const all = useLive(needsOf);
  if (!all) return <Waiting title={say('需要我处理', 'Needs me')} />;
  const asking = all.filter(({ asks }) => asks);
  const waiting = all.filter(({ asks }) => !asks);
  return (
    <main>
      <Head title={say('需要我处理', 'Needs me')} up="/" />
      {!all.length && <Empty title={say('没有要处理的', 'Nothing needs you')}>{say('退回的证据、不一致的填写、没有生效的改动会列在这里。', 'Returned evidence, contradicting values and changes without effect are listed here.')}</Empty>}
      {asking.length > 0 && <List all={asking} />}
      {waiting.length > 0 && (
        <>
          <h2>{say('知道就好，等别人处理', 'To know: others act next')}</h2>
          <List all={waiting} />
        </>
      )}
    </main>
  );
}

const List = ({ all }) => (
  <ul class="needs">
    {all.map((need) => {
      const Kind = KINDS[need.kind] ?? Outcome;
      return <li class="need" key={need.kind + need.id}><Kind need={need} /></li>;
    })}
  </ul>
);

const KINDS = { conflict: Conflict, returned_evidence: ReturnedEvidence, returned_inspection: ReturnedInspection, withdrawn: Withdrawn };

const Place = ({ need, children }) => <p class="quiet">{[need.place, children].filter(Boolean).join(' · ')}</p>;

function Reason({ decision }) {
  const { reason, note } = decision?.values ?? {};
  if (!reason && !note) return <p>{say('理由尚未同步到本机。', 'The reason has not reached this phone yet.')}</p>;
  return <blockquote>{[reason && nameOfCode('decision', 'reason', reason), note].filter(Boolean).join(say('：', ': '))}</blockquote>;
}

function Conflict({ need }) {
  const type = need.about?.type ?? 'finding';
  return (
    <>
      <h3><Mark tone="waiting">{say(`“${nameOfField(type, need.field)}”不一致`, `“${nameOfField(type, need.field)}” differs`)}</Mark></h3>
      <Place need={need}>{nameOfType(type)}</Place>
      <p>{need.asks ? say('两个人填的不一样，都已保存，请您定下一个。', 'Two people wrote different values. Both are kept; settle it.') : say('两个值都已保存，由组长定下。', 'Both values are kept; the lead settles it.')}</p>
      <a class={`button ${need.asks ? 'first' : ''}`} href={`#/conflict/${need.id}`}>{need.asks ? say('比较并定下', 'Compare and settle') : say('看两个值', 'See both values')}</a>
    </>
  );
}

function ReturnedEvidence({ need }) {
  const { about, root } = need;
  return (
    <>
      <h3><Mark tone="problem">{say('证据被退回', 'Evidence returned')}</Mark></h3>
      <Place need={need}>{titleOf(about)}</Place>
      <Reason decision={need.decision} />
      <a class="more" href={`#/evidence/${about.id}`}>{say('看被退回的这一件', 'Look at what was returned')}</a>
      <Recapture evidence={about} inspection={root} />
    </>
  );
}

function ReturnedInspection({ need }) {
  const where = { roles: need.asks ? ['lead', 'member'] : ['member'], own: 'returned' };
  const may = steps(forms.inspection, where).includes('submitted');
  return (
    <>
      <h3><Mark tone="problem">{say('检查被退回', 'Inspection returned')}</Mark></h3>
      <Place need={need} />
      <Reason decision={need.decision} />
      <a class={`button ${may ? 'first' : ''}`} href={`#/inspection/${need.record}`}>{may ? say('打开检查，补好再提交', 'Open it, mend it, submit again') : say('打开检查', 'Open the inspection')}</a>
    </>
  );
}

function Withdrawn({ need }) {
  return (
    <>
      <h3><Mark tone="unknown">{say('问题被撤回', 'Finding withdrawn')}</Mark></h3>
      <Place need={need}>{nameOfCode('finding', 'violation_code', need.about.values.violation_code)}</Place>
      <Reason decision={need.decision} />
      <div class="pair">
        <a class="button" href={`#/finding/${need.record}`}>{say('打开问题', 'Open the finding')}</a>
        <Away id={need.decision.id} />
      </div>
    </>
  );
}

/** A change that did not take effect: why, what was kept, what happens next. */
function Outcome({ need }) {
  const { tone, title, next } = wordsOfVerdict(need.kind);
  const type = need.about?.type;
  const { code, field } = need.outcome;
  const opens = type === 'finding' || type === 'inspection';
  return (
    <>
      <h3><Mark tone={tone}>{title}</Mark></h3>
      <Place need={need}>{[type && nameOfType(type), field && type && nameOfField(type, field)].filter(Boolean).join(' · ')}</Place>
      {code && <blockquote>{wordsOfCode(code)}</blockquote>}
      {need.decision && <Reason decision={need.decision} />}
      <p>{next}</p>
      <div class="pair">
        {opens && <a class={`button ${need.asks ? 'first' : ''}`} href={`#/${type}/${need.record}${need.asks && type === 'finding' ? '/edit' : ''}`}>{need.asks ? say('打开并重填', 'Open and write anew') : say('打开', 'Open')}</a>}
        {['refused', 'set_aside'].includes(need.kind) && <Away id={need.id} />}
      </div>
    </>
  );
}

/** What was read leaves the list; the ledger keeps it. */
function Away({ id }) {
  const [gone, setGone] = useState(false);
  const away = async () => {
    setGone(true);
    await putAway(session.phone, id);
    change();
  };
  return <button type="button" disabled={gone} onClick={away}>{say('知道了', 'I have read it')}</button>;
}
