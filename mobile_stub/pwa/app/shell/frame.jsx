/** The frame around every page: the strip that says the truth about sync, what must not be missed, the page, the bottom bar. */

import { inUse } from '../idle.js';
import { OPERATOR_PAGES, PAGES, UNLEASED, WriteOnly } from '../pages/index.js';
import { useOperator } from '../rounds/operator.js';
import { found, usePlace } from '../router.js';
import { useSession } from '../session.js';
import { say } from '../words.js';
import { Empty } from '../parts/empty.jsx';
import { Icon } from '../parts/icon.jsx';
import { WarningBand, WarningPage } from '../warning/warning.jsx';
import { warningOf } from '../warning/warnings.js';
import { Bar } from './bar.jsx';
import { Notices } from './notices.jsx';
import { Strip } from './strip.jsx';

export function Frame() {
  const facts = useSession();
  const at = usePlace();
  const operator = useOperator();
  const pages = operator ? OPERATOR_PAGES : PAGES;
  const warning = warningOf(facts);
  if (warning?.loud && facts.standing && !facts.standing.read.includes(warning.id)) return <WarningPage warning={warning} />;
  const here = found(pages, at);
  const locked = facts.status?.reading_locked && !UNLEASED.has(at);
  const tab = pages.find((one) => one.path === here?.path)?.tab;
  return (
    <>
      <Strip />
      {facts.lockingMs !== null && <Locking ms={facts.lockingMs} />}
      {warning && at !== '/warning' && <WarningBand warning={warning} />}
      <Notices />
      {locked ? <WriteOnly /> : here ? <here.page key={at} {...here.named} /> : <Nowhere />}
      <Bar tab={tab} operator={operator} />
    </>
  );
}

/** Any touch keeps the phone open; this one is where the thumb is. */
function Locking({ ms }) {
  return (
    <p class="locking" role="timer">
      <Icon name="lock" /> {say(`${ms / 1000} 秒后锁定`, `Locks in ${ms / 1000} s`)}
      <button onClick={inUse}>{say('继续使用', 'Stay open')}</button>
    </p>
  );
}

function Nowhere() {
  return (
    <main>
      <Empty title={say('没有这一页', 'There is no such page')}>
        <a href="#/">{say('回到今日', 'Back to today')}</a>
      </Empty>
    </main>
  );
}
