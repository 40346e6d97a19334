/** The beginning of a round: which wards are walked. */

import { useState } from 'preact/hooks';

import { Empty } from '../parts/empty.jsx';
import { begin } from '../rounds/acts.js';
import { go } from '../router.js';
import { session, useLive } from '../session.js';
import { say } from '../words.js';

/** @param {{inspection: string}} properties */
export function RoundNew({ inspection }) {
  const found = useLive((phone) => wardsOf(phone, inspection), [inspection]);
  const [chosen, setChosen] = useState([]);
  const [busy, setBusy] = useState(false);
  if (!found) return <main aria-busy="true"><h1>{say('开始查房', 'Begin a round')}</h1></main>;
  const { wards, name } = found;
  const count = wards.filter(({ ward }) => chosen.includes(ward)).reduce((sum, one) => sum + one.count, 0);
  const toggle = (ward) => setChosen(chosen.includes(ward) ? chosen.filter((one) => one !== ward) : [...chosen, ward]);
  const start = async () => {
    setBusy(true);
    const round = await begin(session.phone, inspection, chosen, count);
    navigator.vibrate?.(30);
    go(`/round/${round}`, { instead: true });
  };
  return (
    <main>
      <h1>{say('开始查房', 'Begin a round')}</h1>
      <p class="quiet">{name}</p>
      {!wards.length && (
        <Empty title={say('本机没有在院名单', 'No census on this phone')}>
          {say('机构的在院名单导入后，同步一次再开始。', "Once the institution's census is imported, sync and begin.")}
        </Empty>
      )}
      <fieldset class="plain">
        <legend>{say('选择病区', 'Choose wards')}</legend>
        {wards.map(({ ward, count: beds }) => (
          <label key={ward} class="pick">
            <input type="checkbox" checked={chosen.includes(ward)} onChange={() => toggle(ward)} />
            <span>{ward}</span>
            <span class="quiet">{say(`${beds} 床`, `${beds} beds`)}</span>
          </label>
        ))}
      </fieldset>
      {wards.length > 0 && (
        <p class="dock">
          <button type="button" class="first wide" disabled={!count || busy} onClick={start}>
            {count ? say(`开始查 ${count} 床`, `Begin with ${count} beds`) : say('先选择病区', 'Choose a ward first')}
          </button>
        </p>
      )}
    </main>
  );
}

async function wardsOf(phone, id) {
  const { values } = await phone.show(id);
  const institution = await phone.show(values.institution).catch(() => null);
  const counts = new Map();
  for (const { values: patient } of await phone.list('encounter')) {
    if (patient.institution !== values.institution || patient.stage === 'left_out') continue;
    counts.set(patient.ward, (counts.get(patient.ward) ?? 0) + 1);
  }
  const wards = [...counts].map(([ward, count]) => ({ ward, count }));
  return { name: institution?.values.name, wards: wards.sort((a, b) => a.ward.localeCompare(b.ward, 'en', { numeric: true })) };
}
