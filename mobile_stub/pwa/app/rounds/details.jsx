/** What else is said of a bed: by keys where one tap is enough, by a form for the rest. Each is kept at once. */

import { Form } from '../parts/form.jsx';
import { say } from '../words.js';
import { Codes } from './keys.jsx';
import { AWAY } from './sample.js';

const REST = ['bed_observed', 'identity_fallback', 'slip', 'returned_at', 'admission_need', 'asked', 'care', 'note'];

/** @param {{check: any, onChange: (values: Record<string, any>, remove?: Record<string, any[]>) => Promise<any>}} properties */
export function Details({ check, onChange }) {
  const { values } = check;
  const away = AWAY.includes(values.presence);
  const pick = (field) => (code) => onChange({ [field]: code });
  const slip = (kind) => onChange({ slip: { ...values.slip, kind } });
  return (
    <section class="details">
      {away && <Codes field="slip" part="kind" value={values.slip?.kind} onPick={slip} />}
      {values.presence !== 'in_bed' && <Codes field="call_result" value={values.call_result} onPick={pick('call_result')} />}
      {!away && <Codes field="identity_method" value={values.identity_method} onPick={pick('identity_method')} />}
      <Codes field="conclusion" value={values.conclusion} onPick={pick('conclusion')} />
      {away && <Codes field="absence_reason" value={values.absence_reason} onPick={pick('absence_reason')} />}
      <details>
        <summary>{say('凭据、问答、诊疗核对、备注', 'Slip, answers, care, note')}</summary>
        <Form type="bed_check" fields={REST} values={values} draft={`bed-check/${check.id}`} needs={false} onKeep={onChange} />
      </details>
    </section>
  );
}
