/** One institution: what is known of it, its inspections, who is in its beds, and what was found there before. */

import { institutionOf } from '../casework/reading.js';
import { Empty } from '../parts/empty.jsx';
import { FindingCards } from '../parts/finding_cards.jsx';
import { Facts, Head, Mark, NotHere, Waiting } from '../parts/head.jsx';
import { Links } from '../parts/links.jsx';
import { useLive } from '../session.js';
import { day, nameOfCode, nameOfField, nameOfStage, say } from '../words.js';

/** @param {{id: string}} properties */
export function Institution({ id }) {
  const found = useLive((phone) => institutionOf(phone, id), [id]);
  if (found === undefined) return <Waiting title={say('机构', 'Institution')} />;
  if (found === null) return <NotHere up="/institutions" />;
  const { institution: { values }, inspections, findings, days, census, cases } = found;
  const wards = new Set(census.map((one) => one.values.ward)).size;
  const open = cases.filter((one) => !['closed', 'satisfied'].includes(one.values.stage));
  return (
    <main>
      <Head title={values.name} up="/institutions">
        <p>{nameOfCode('institution', 'kind', values.kind)} · {values.fixmedins_code}</p>
        {values.credit_grade === 'D' && <p><Mark tone="problem">{say('信用等级 D', 'Credit grade D')}</Mark></p>}
      </Head>
      <section class="block">
        <Links
          links={[
            { to: `/institution/${id}/census`, words: say('在院名单', 'In-patients'), count: say(`${census.length} 人，${wards} 个病区`, `${census.length} in ${wards} wards`) },
            ...inspections.map((one) => ({ to: `/inspection/${one.id}`, words: `${nameOfCode('inspection', 'kind', one.values.kind)} ${one.values.planned_on}`, count: nameOfStage('inspection', one.values.stage) })),
          ]}
        />
      </section>
      {open.length > 0 && <p class="note">{say(`有 ${open.length} 件整改尚未办结。`, `${open.length} rectification cases are not closed yet.`)}</p>}
      <section class="block">
        <h2>{say('以往查出的问题', 'Earlier findings')}</h2>
        {findings.length ? <FindingCards findings={findings} whenOf={(one) => `· ${days.get(one.values.inspection)}`} /> : (
          <Empty title={say('本机上没有以往的问题', 'No earlier finding on this phone')}>{say('您参加过的检查里查出的问题列在这里。', 'What was found in inspections that you took part in is listed here.')}</Empty>
        )}
      </section>
      <section class="block">
        <h2>{say('机构情况', 'About it')}</h2>
        <Facts facts={factsOf(values)} />
      </section>
    </main>
  );
}

function factsOf(values) {
  const name = (field) => nameOfField('institution', field);
  return [
    [name('level'), values.level],
    [name('beds'), values.beds],
    [name('region'), values.region],
    [name('credit_grade'), values.credit_grade],
    [name('contact_name'), values.contact_name],
    [name('contact_phone'), values.contact_phone && <a href={`tel:${values.contact_phone}`}>{values.contact_phone}</a>],
    [name('agreement_number'), values.agreement_number],
    [name('agreement_until'), values.agreement_until && day(values.agreement_until)],
  ];
}
