/** The warning that holds, to be read again. */

import { Empty } from '../parts/empty.jsx';
import { back } from '../router.js';
import { session, useSession } from '../session.js';
import { say } from '../words.js';
import { WarningPage } from '../warning/warning.jsx';
import { warningOf } from '../warning/warnings.js';

export function Warning() {
  useSession();
  const warning = warningOf(session);
  if (warning) return <WarningPage warning={warning} onRead={() => back()} />;
  return (
    <main>
      <Empty title={say('没有警告', 'There is no warning')}>{say('这部手机与台账一致。', 'This phone and the ledger agree.')}</Empty>
    </main>
  );
}
