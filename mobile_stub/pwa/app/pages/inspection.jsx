/** One inspection: what is known of it, what the owner may do now, and all that belongs to it. */

import forms from '../../generated/records.json';
import { holds, mayCreate, steps } from '../casework/rights.js';
import { inspectionOf } from '../casework/reading.js';
import { AskTwice } from '../parts/ask_twice.jsx';
import { Facts, Head, Mark, NotHere, Waiting } from '../parts/head.jsx';
import { Links } from '../parts/links.jsx';
import { personOf } from '../parts/person.js';
import { session, useLive } from '../session.js';
import { day, moment, nameOfCode, nameOfField, nameOfStage, say, yuan } from '../words.js';

const TONES = { on_site: 'ok', accepted: 'ok', archived: 'ok', returned: 'problem' };

/** @param {{id: string}} properties */
export function Inspection({ id }) {
  const found = useLive((phone) => inspectionOf(phone, id), [id]);
  if (found === undefined) return <Waiting title={say('检查', 'Inspection')} />;
  if (found === null) return <NotHere />;
  const { inspection, institution } = found;
  const { stage, kind, planned_on: on } = inspection.values;
  return (
    <main>
      <Head title={institution?.values.name ?? say('机构名称尚未同步', 'The institution is not here yet')} up="/">
        <p>{nameOfCode('inspection', 'kind', kind)} · {day(on)}</p>
        <p><Mark tone={TONES[stage] ?? 'waiting'}>{nameOfStage('inspection', stage)}</Mark></p>
      </Head>
      {stage === 'returned' && <Why decision={found.decision} />}
      <Acts found={found} />
      <Belonging found={found} />
      <Leaving found={found} />
      <section class="block">
        <h2>{say('情况', 'Facts')}</h2>
        <Facts facts={factsOf(found)} />
      </section>
    </main>
  );
}

function factsOf({ inspection: { values, pending }, user }) {
  const name = (field) => nameOfField('inspection', field);
  const team = [...new Set([values.lead, ...(values.members ?? [])])].map((one) => personOf(one, user, values.lead));
  return [
    [name('members'), team.join(say('、', ', '))],
    [name('mode'), nameOfCode('inspection', 'mode', values.mode)],
    [name('id_shown_at'), values.id_shown_at && moment(values.id_shown_at)],
    [name('checklist'), values.checklist],
    [name('violations'), values.violations],
    [name('note'), values.note],
    [say('尚未核验', 'Not verified yet'), pending ? say(`${pending} 项改动`, `${pending} changes`) : ''],
  ];
}

function Why({ decision }) {
  const { reason, note } = decision?.values ?? {};
  return (
    <section class="need block">
      <h3><Mark tone="problem">{say('监管人员退回了这次检查', 'The supervisor returned this inspection')}</Mark></h3>
      {(reason || note) && <blockquote>{[reason && nameOfCode('decision', 'reason', reason), note].filter(Boolean).join(say('：', ': '))}</blockquote>}
      <p>{say('补好后由组长重新提交。现场笔录已签的内容不能改，只能写补充笔录。', 'Mend it; then the lead submits it again. What the signed record holds is not changed, only supplemented.')}</p>
    </section>
  );
}

const STEPS = {
  on_site: {
    words: () => say('到达现场', 'I have arrived'),
    sure: () => say('双方已出示证件，开始检查', 'Both IDs were shown, begin'),
    says: () => say('两名检查员到场并出示执法证后才能开始。时间会记下来。', 'Two officers must be there and show their IDs first. The time is noted.'),
  },
  record_signed: {
    words: () => say('笔录已签，离开现场', 'Record signed, leave the site'),
    sure: () => say('确认已签', 'Yes, it is signed'),
    says: () => say('此后不能再改问题和查房，只能写补充笔录。请先看“离场检查”里还缺什么。', 'After this neither findings nor rounds can be changed, only supplemented. Look first at what is missing before leaving.'),
  },
  submitted: {
    words: () => say('提交给监管人员', 'Submit to the supervisor'),
    sure: () => say('确认提交', 'Yes, submit'),
    says: () => say('同步之后监管人员就能看到并审核。', 'The supervisor sees it after the next sync.'),
  },
};

/** While people are at work the page's first act is theirs; what ends the visit stands at its end. */
const ENDS = ['record_signed', 'submitted'];
const whereOf = ({ inspection: { values }, roles }) => ({ roles, own: values.stage, root: values.stage, values });
const offered = (found) => steps(forms.inspection, whereOf(found)).filter((to) => STEPS[to]);

function Acts({ found }) {
  const { id } = found.inspection;
  const begins = offered(found).filter((to) => !ENDS.includes(to));
  const writes = mayCreate(forms.finding, whereOf(found));
  if (!begins.length && !writes) return null;
  return (
    <div class="acts">
      {begins.map((to) => <Step key={to} to={to} found={found} first />)}
      {writes && <a class={`button wide ${begins.length ? '' : 'first'}`} href={`#/inspection/${id}/finding`}>{say('写一个问题', 'Write a finding')}</a>}
    </div>
  );
}

function Leaving({ found }) {
  const ends = offered(found).filter((to) => ENDS.includes(to));
  return ends.length > 0 && <div class="acts">{ends.map((to) => <Step key={to} to={to} found={found} first={to === 'submitted'} />)}</div>;
}

function Step({ to, found, first }) {
  const { words, sure, says } = STEPS[to];
  return <AskTwice first={first} words={words()} sure={sure()} says={says()} act={() => step(found.inspection, to, whereOf(found))} />;
}

/** Take the step; the lead notes when the IDs were shown, as two notes of it would be a conflict. */
async function step({ id, values }, to, where) {
  const { phone } = session;
  const form = forms.inspection.fields.find(({ name }) => name === 'id_shown_at');
  const notes = to === 'on_site' && where.roles.includes('lead') && !values.id_shown_at && holds(form.edit, where);
  if (notes) await phone.edit(id, { id_shown_at: phone.kit.clock.wall() });
  await phone.step(id, to);
}

function Belonging({ found }) {
  const { inspection: { id, values }, institution, rounds, evidence, findings, answers, roles } = found;
  const returned = evidence.filter((one) => one.values.stage === 'returned').length;
  const amount = findings.reduce((sum, one) => sum + (one.values.amount_fen ?? 0), 0);
  const where = { roles, root: values.stage };
  return (
    <section class="block">
      <h2>{say('这次检查里', 'In this inspection')}</h2>
      <Links
        links={[
          { to: `/inspection/${id}/findings`, words: say('问题', 'Findings'), count: findings.length ? `${findings.length} · ${yuan(amount)}` : '0' },
          ...rounds.map((one) => ({ to: `/round/${one.id}`, words: `${say('查房', 'Ward round')} ${(one.values.wards ?? []).join('、')}`, count: nameOfStage('ward_round', one.values.stage) })),
          { to: `/round/new/${id}`, words: say('开始查房', 'Begin a round'), if: mayCreate(forms.ward_round, where) },
          { to: `/evidence/of/${id}`, or: '/evidence', words: say('证据', 'Evidence'), count: returned ? say(`${evidence.length}，退回 ${returned}`, `${evidence.length}, ${returned} returned`) : String(evidence.length) },
          { to: `/checklist/${id}`, words: say('检查清单', 'Checklist'), count: String(answers.length) },
          { to: `/leaving/${id}`, words: say('离场检查：还缺什么', 'Before leaving: what is missing') },
          { to: `/institution/${institution?.id}`, words: say('机构、在院名单、以往问题', 'Institution, in-patients, earlier findings'), if: Boolean(institution) },
        ]}
      />
    </section>
  );
}
