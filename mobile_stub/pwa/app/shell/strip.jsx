/** The thin strip that always says the truth about sync. */

import { useSession } from '../session.js';
import { say } from '../words.js';

export function Strip() {
  const { status } = useSession();
  const unsent = (status?.outbox ?? 0) + (status?.unacknowledged ?? 0);
  return (
    <p class="strip" role="status">
      {navigator.onLine ? '' : say('离线 · ', 'Offline · ')}
      {unsent ? say(`${unsent} 项未上传`, `${unsent} not sent`) : say('没有未上传的内容', 'Nothing waits to be sent')}
    </p>
  );
}
