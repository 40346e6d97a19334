// Uploads a file by tus-js-client, unmodified: node tus_js_upload.mjs <job>, a JSON text with endpoint, headers,
// path, digest, chunkSize, duringCreation, abortAfter (bytes), url (to go on with). Prints {url, offset, requests}.

import { createReadStream, statSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../mobile_stub/pwa/package.json', import.meta.url));
const tus = require('tus-js-client');

const job = JSON.parse(process.argv[2]);
const requests = [];
let last = 0;

function tell(status) {
  process.stdout.write(JSON.stringify({ status, url: upload.url, offset: last, requests }));
}

const upload = new tus.Upload(createReadStream(job.path), {
  endpoint: job.endpoint,
  uploadUrl: job.url ?? null,
  uploadSize: statSync(job.path).size,
  headers: job.headers,
  metadata: { digest: job.digest, filename: '现场照片.jpg' },
  chunkSize: job.chunkSize ?? Infinity,
  uploadDataDuringCreation: job.duringCreation ?? false,
  storeFingerprintForResuming: false,
  retryDelays: [50, 100, 200, 400],
  onBeforeRequest: (request) => requests.push(request.getMethod()),
  onError: (error) => {
    process.stderr.write(String(error));
    process.exitCode = 1;
  },
  onSuccess: () => tell('done'),
  onChunkComplete: (size, accepted) => {
    last = accepted;
    if (job.abortAfter && accepted >= job.abortAfter) upload.abort().then(() => tell('aborted'));
  },
});
upload.start();
