/** One finding: what it says, how it stands, what the owner may do, what was decided. */

import forms from '../../generated/records.json';
import { findingOf } from '../casework/reading.js';
import { maySettle, steps, writable } from '../casework/rights.js';
import { AskTwice } from '../parts/ask_twice.jsx';
import { titleOf } from '../parts/evidence_pick.jsx';
import { Facts, Head, Mark, NotHere, Waiting } from '../parts/head.jsx';
import { Links } from '../parts/links.jsx';
import { session, useLive } from '../session.js';
import { day, nameOfCode, nameOfField, nameOfStage, say, yuan } from '../words.js';

const TONES = { confirmed: 'ok', in_case: 'ok', withdrawn: 'unknown' };

/** @param {{id: string}} properties */
export function Finding({ id }) {
  const found = useLive((phone) => findingOf(phone, id), [id]);
  if (found === undefined) return <Waiting title={say('问题', 'Finding')} />;
  if (found === null) return <NotHere />;
  const { finding, inspection, institution, evidence } = found;
  const { stage, violation_code: code } = finding.values;
  return (
    <main>
      <Head title={nameOfCode('finding', 'violation_code', code)} up={inspection ? `/inspection/${inspection.id}/findings` : '/'}>
        <p>{institution?.values.name}</p>
        <p>
          {finding.life === 'voided' ? <Mark tone="unknown">{say('已作废', 'Voided')}</Mark> : <Mark tone={TONES[stage] ?? 'waiting'}>{nameOfStage('finding', stage)}</Mark>}
          {finding.pending > 0 && <span class="quiet"> {say(`${finding.pending} 项改动尚未核验`, `${finding.pending} changes not verified yet`)}</span>}
        </p>
      </Head>
      <Contested found={found} />
      <Facts facts={factsOf(finding.values)} />
      <Evidence ids={finding.values.evidence ?? []} evidence={evidence} />
      <Decisions decisions={found.decisions} />
      {finding.life !== 'voided' && <Acts found={found} />}
    </main>
  );
}

function factsOf(values) {
  const name = (field) => nameOfField('finding', field);
  return [
    [name('facts'), values.facts],
    [name('amount_fen'), values.amount_fen !== undefined && yuan(values.amount_fen)],
    [name('persons'), (values.persons ?? []).join(say('、', ', '))],
    [name('legal_basis'), values.legal_basis],
    [name('legal_basis_on'), values.legal_basis_on && day(values.legal_basis_on)],
    [name('origin'), nameOfCode('finding', 'origin', values.origin)],
    [name('statement_kind'), values.statement_kind && nameOfCode('finding', 'statement_kind', values.statement_kind)],
    [name('statement'), values.statement],
    [name('heard_on'), values.heard_on && day(values.heard_on)],
  ];
}

function Contested({ found: { conflicts, roles, inspection } }) {
  const may = maySettle(forms.finding, { roles, root: inspection?.values.stage });
  return conflicts.map((one) => (
    <section class="need block" key={one.id}>
      <h3><Mark tone="waiting">{say(`“${nameOfField('finding', one.values.field)}”有两个不同的值`, `Two values for “${nameOfField('finding', one.values.field)}”`)}</Mark></h3>
      <p>{may ? say('请您定下一个。定下之前不能提交。', 'Settle it; until then nothing is submitted.') : say('由组长定下。定下之前沿用原来的值。', 'The lead settles it; until then the earlier value stands.')}</p>
      <a class={`button ${may ? 'first' : ''}`} href={`#/conflict/${one.id}`}>{may ? say('比较并定下', 'Compare and settle') : say('看两个值', 'See both values')}</a>
    </section>
  ));
}

function Evidence({ ids, evidence }) {
  if (!ids.length) return null;
  const known = new Map(evidence.map((one) => [one.id, one]));
  return (
    <section class="block">
      <h2>{say('证据', 'Evidence')}</h2>
      <Links links={ids.filter((id) => known.has(id)).map((id) => ({ to: `/evidence/${id}`, words: titleOf(known.get(id)), count: nameOfStage('evidence', known.get(id).values.stage) }))} />
      {ids.some((id) => !known.has(id)) && <p class="quiet">{say('有的证据不在本机上。', 'Some of the evidence is not on this phone.')}</p>}
    </section>
  );
}

function Decisions({ decisions }) {
  if (!decisions.length) return null;
  return (
    <section class="block">
      <h2>{say('决定', 'Decisions')}</h2>
      <Facts facts={decisions.map(({ values }) => [nameOfCode('decision', 'act', values.act), [values.reason && nameOfCode('decision', 'reason', values.reason), values.note].filter(Boolean).join(say('：', ': ')) || say('没有说明', 'without a note')])} />
    </section>
  );
}

const STEPS = {
  proposed: { words: () => say('提出问题', 'Propose the finding'), sure: () => say('确认提出', 'Yes, propose it'), says: () => say('提出后要听取被检查单位的陈述。', 'Next the institution’s statement is heard.') },
  heard: { words: () => say('已听取陈述', 'The statement was heard'), sure: () => say('确认已听取', 'Yes, it was heard'), says: () => say('请先在“改写”里记下陈述内容和日期。', 'Note the statement and its day by editing first.') },
};

function Acts({ found: { finding, inspection, roles, conflicts } }) {
  const { id, values } = finding;
  const where = { roles, root: inspection?.values.stage, own: values.stage, values };
  const blocked = conflicts.length > 0;
  const offered = steps(forms.finding, where).filter((to) => STEPS[to] && !blocked);
  const may = writable(forms.finding, where).length > 0;
  return (
    <div class="acts">
      {may && <Links links={[{ to: `/finding/${id}/edit`, words: say('改写', 'Edit') }]} />}
      {offered.map((to) => (
        <AskTwice key={to} first={!blocked} words={STEPS[to].words()} sure={STEPS[to].sure()} says={STEPS[to].says()} act={() => session.phone.step(id, to)} />
      ))}
    </div>
  );
}
