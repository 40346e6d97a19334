/** The protocol's public face: everything that an app, a tool or a test takes from it. */

export * as captureTime from './capture_time.js';
export * as changes from './changes.js';
export * as checkpoint from './checkpoint.js';
export * as drift from './drift.js';
export * as enrolment from './enrolment.js';
export * as entries from './entries.js';
export * as envelope from './envelope.js';
export * as errors from './errors.js';
export * as feed from './feed.js';
export * as frames from './frames.js';
export * as gzip from './gzip.js';
export * as ids from './ids.js';
export * as keyChain from './key_chain.js';
export * as keyring from './keyring.js';
export * as keys from './keys.js';
export * as lines from './lines.js';
export * as manifest from './manifest.js';
export * as merkle from './merkle.js';
export * as receipt from './receipt.js';
export * as signing from './signing.js';
export * as trouble from './trouble.js';
export { typesOf } from './compose.js';
export { MemoryJournal } from './journal.js';
export { Phone } from './phone.js';
export { Transport } from './transport.js';
