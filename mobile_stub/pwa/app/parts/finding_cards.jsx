/** Findings as cards: the violation, the amount, how it stands. */

import { nameOfCode, nameOfStage, say, yuan } from '../words.js';
import { Mark } from './head.jsx';

const TONES = { confirmed: 'ok', in_case: 'ok', withdrawn: 'unknown' };
const FACTS_CHARS = 60;

/** @param {{findings: any[], whenOf?: (finding: any) => string}} properties */
export function FindingCards({ findings, whenOf = () => '' }) {
  return (
    <ul class="cards">
      {findings.map((one) => (
        <li key={one.id}>
          <a class="card" href={`#/finding/${one.id}`}>
            <h3>{nameOfCode('finding', 'violation_code', one.values.violation_code)}</h3>
            <p>{yuan(one.values.amount_fen ?? 0)} {whenOf(one)}</p>
            <p class="quiet">{shortened(one.values.facts)}</p>
            <p>
              <Mark tone={TONES[one.values.stage] ?? 'waiting'}>{nameOfStage('finding', one.values.stage)}</Mark>
              {one.pending > 0 && <span class="quiet"> {say('尚未核验', 'not verified yet')}</span>}
            </p>
          </a>
        </li>
      ))}
    </ul>
  );
}

const shortened = (facts = '') => (facts.length > FACTS_CHARS ? `${facts.slice(0, FACTS_CHARS)}……` : facts);
