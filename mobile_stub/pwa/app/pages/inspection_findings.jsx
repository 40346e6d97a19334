/** The findings of one inspection, and the way to write another. */

import forms from '../../generated/records.json';
import { inspectionOf } from '../casework/reading.js';
import { mayCreate } from '../casework/rights.js';
import { Empty } from '../parts/empty.jsx';
import { FindingCards } from '../parts/finding_cards.jsx';
import { Head, NotHere, Waiting } from '../parts/head.jsx';
import { useLive } from '../session.js';
import { say, yuan } from '../words.js';

/** @param {{id: string}} properties the inspection's */
export function InspectionFindings({ id }) {
  const found = useLive((phone) => inspectionOf(phone, id), [id]);
  if (found === undefined) return <Waiting title={say('问题', 'Findings')} />;
  if (found === null) return <NotHere />;
  const { inspection, institution, findings, roles } = found;
  const total = findings.reduce((sum, one) => sum + (one.values.amount_fen ?? 0), 0);
  return (
    <main>
      <Head title={say('问题', 'Findings')} up={`/inspection/${id}`}>
        <p>{institution?.values.name}</p>
        {findings.length > 0 && <p class="quiet">{say(`${findings.length} 个，共 ${yuan(total)}`, `${findings.length}, ${yuan(total)} in all`)}</p>}
      </Head>
      {mayCreate(forms.finding, { roles, root: inspection.values.stage }) && (
        <div class="acts"><a class="button first wide" href={`#/inspection/${id}/finding`}>{say('写一个问题', 'Write a finding')}</a></div>
      )}
      {findings.length ? <FindingCards findings={findings} /> : (
        <Empty title={say('还没有问题', 'No finding yet')}>{say('检查时发现的问题写在这里，可以附上证据。', 'What you find during the inspection is written here, with its evidence.')}</Empty>
      )}
    </main>
  );
}
