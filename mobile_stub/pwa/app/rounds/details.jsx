/** What else is said of a bed: by keys where one tap is enough, by a form for the rest. Each is kept at once. */

import { useState } from 'preact/hooks';

import { Form } from '../parts/form.jsx';
import { say } from '../words.js';
import { Codes } from './keys.jsx';
import { AWAY } from './sample.js';

const REST = ['bed_observed', 'identity_fallback', 'slip', 'returned_at', 'admission_need', 'asked', 'care', 'note'];

/** @param {{check: any, onChange: (values: Record<string, any>) => Promise<any>, onTyped: (said: any) => Promise<any>}} properties */
export function Details({ check, onChange, onTyped }) {
  const { values } = check;
  const away = AWAY.includes(values.presence);
  const pick = (field) => (code) => onChange({ [field]: code });
  const [kept, setKept] = useState(false);
  const keep = async (said) => {
    await onTyped(said);
    setKept(true);
  };
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
        <Form key={values.slip?.kind} type="bed_check" fields={REST} record={check} draft={`bed-check/${check.id}`} needs={false} onKeep={keep} />
        {kept && <p class="quiet" role="status">{say('已保存在本机，尚未上传。', 'Kept on this phone, not sent yet.')}</p>}
      </details>
    </section>
  );
}
