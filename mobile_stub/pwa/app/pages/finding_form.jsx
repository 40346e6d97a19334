/** Writing a finding, and writing it anew: the violation is looked up, the evidence is ticked, the amount is in yuan. */

import forms from '../../generated/records.json';
import { keepEdit } from '../casework/editing.js';
import { findingOf, inspectionOf } from '../casework/reading.js';
import { writable } from '../casework/rights.js';
import { taken, yuanTyped } from '../casework/typed.js';
import { violationsOf, wordingOf } from '../casework/violations.js';
import { Form } from '../parts/form.jsx';
import { Head, NotHere, Waiting } from '../parts/head.jsx';
import { EvidencePick } from '../parts/evidence_pick.jsx';
import { FactsBox, ViolationPick } from '../parts/violation_pick.jsx';
import { go } from '../router.js';
import { session, useLive } from '../session.js';
import { say } from '../words.js';

const FIELDS = ['violation_code', 'facts', 'amount_fen', 'persons', 'evidence', 'origin', 'legal_basis', 'legal_basis_on'];
const AMOUNT = { ...forms.finding.fields.find(({ name }) => name === 'amount_fen'), required: false };
const CHOICES = forms.finding.fields.find(({ name }) => name === 'violation_code').choices;
const STATEMENT = ['statement_kind', 'statement', 'heard_on'];

/** @param {{id: string}} properties the inspection's */
export function NewFinding({ id }) {
  const found = useLive(async (phone) => {
    const known = await inspectionOf(phone, id);
    return known && { ...known, violations: await violationsOf(phone, id, CHOICES) };
  }, [id]);
  if (found === undefined) return <Waiting title={say('写一个问题', 'Write a finding')} />;
  if (found === null) return <NotHere />;
  const keep = async ({ values, rows }) => {
    const finding = await session.phone.create('finding', { ...values, inspection: id }, { rows });
    navigator.vibrate?.(30);
    go(`/finding/${finding}`, { instead: true });
  };
  return (
    <main>
      <Head title={say('写一个问题', 'Write a finding')} up={`/inspection/${id}`}><p>{found.institution?.values.name}</p></Head>
      <Form type="finding" fields={FIELDS} first={{ origin: 'on_site' }} draft={`finding/new/${id}`} instead={controls(found)} onKeep={keep} />
    </main>
  );
}

/** @param {{id: string}} properties the finding's */
export function EditFinding({ id }) {
  const found = useLive(async (phone) => {
    const known = await findingOf(phone, id);
    return known?.inspection ? { ...known, violations: await violationsOf(phone, known.inspection.id, CHOICES) } : null;
  }, [id]);
  if (found === undefined) return <Waiting title={say('改写问题', 'Edit the finding')} />;
  if (found === null) return <NotHere />;
  const { finding, inspection, roles } = found;
  const may = writable(forms.finding, { roles, root: inspection.values.stage, own: finding.values.stage, values: finding.values });
  const keep = async (said) => {
    await keepEdit(session.phone, finding, said);
    go(`/finding/${id}`, { instead: true });
  };
  const fields = [...FIELDS, ...STATEMENT].filter((name) => may.includes(name));
  return (
    <main>
      <Head title={say('改写问题', 'Edit the finding')} up={`/finding/${id}`}><p>{found.institution?.values.name}</p></Head>
      {fields.length ? (
        <Form type="finding" fields={fields} record={finding} draft={`finding/${id}`} instead={controls(found)} onKeep={keep} />
      ) : <p>{say('到了这个阶段，问题不能再改。', 'At this stage the finding can no longer be changed.')}</p>}
    </main>
  );
}

function controls({ evidence, violations, inspection, institution }) {
  const day = inspection.values.planned_on;
  // Read as the declaration reads them: what is not whole yet stays a blank in the wording.
  const amount = (text) => taken(AMOUNT, text ?? '').value;
  const known = (row, typed) =>
    wordingOf(row, {
      day, institution: institution?.values.name, person: typed.persons.filter(Boolean).join('、'),
      amount: amount(typed.amount_fen) === undefined ? '' : yuanTyped(amount(typed.amount_fen)),
    });
  return {
    violation_code: (properties) => <ViolationPick {...properties} {...{ violations, day }} />,
    facts: (properties) => <FactsBox {...properties} {...{ violations, known }} />,
    evidence: (properties) => <EvidencePick {...properties} evidence={evidence} />,
  };
}
