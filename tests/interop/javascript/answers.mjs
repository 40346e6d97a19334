/** Invites, enrolment, key lists, receipts and feed pages. */

import assert from 'node:assert/strict';

import * as protocol from '../../../mobile_stub/pwa/protocol/index.js';
import { codeOf, each } from './vectors.mjs';

const { enrolment, feed, keys, lines, receipt, signing } = protocol;

each('invites', async (one) => {
  assert.equal(await codeOf(() => enrolment.readInvite(one.text)), one.code);
  if (one.code) return;
  assert.deepEqual(enrolment.readInvite(one.text), one.holds);
  assert.equal(lines.digest(one.holds.code), one.code_digest);
});

each('enrol_requests', async (one) => {
  const token = one.token.join('.');
  assert.equal(await codeOf(() => enrolment.readRequest(token)), one.code);
  const seed = lines.unhex(one.sign_seed);
  const known = { origin: one.origin, code: one.code_text, ledgerPin: one.ledger_pin, app: one.app };
  if (one.code) return;
  const { kem, seal_key: sealKey, sign_key: signKey } = enrolment.readRequest(token);
  assert.deepEqual(signKey, signing.publicOf(seed));
  // From the same invite and keys the request is the same bytes, whoever writes it.
  assert.equal(await enrolment.requestOf(signing.seedSigner(seed), { ...known, sealKey, kem }), token);
});

each('enrol_answers', async (one) => {
  const about = { origin: one.origin, request: one.request.join('.') };
  const read = () => enrolment.readEnrolled(one.token.join('.'), lines.unhex(one.key), about);
  assert.equal(await codeOf(read), one.code);
  if (!one.code) assert.deepEqual([read().device, read().user], [one.device, one.user]);
});

each('key_lists', async (one) => {
  const read = () => keys.readKeys(one.token.join('.'), one.pin);
  assert.equal(await codeOf(read), one.code);
  if (one.code) return;
  assert.equal(keys.openingKey(read()).kid, one.seals_to);
  assert.deepEqual([read().app, lines.hex(read().pinned)], [one.app, one.pinned]);
  assert.deepEqual(read().chain.map(lines.hex), one.chain);
});

each('receipts', async (one) => {
  const expected = { ...one.expected, seen: one.expected.seen ?? undefined };
  const verify = () => receipt.verify(one.token.join('.'), [lines.unhex(one.key)], expected);
  assert.equal(await codeOf(verify), one.code);
  if (one.code) return;
  const { entries, head } = verify();
  assert.deepEqual(entries.map((entry) => entry.outcome.verdict), one.verdicts);
  assert.equal(head.size, one.size);
});

each('feed_pages', async (one) => {
  const key = lines.unhex(one.key);
  const known = { ...one.known, root: lines.unhex(one.known.root) };
  const take = async () => {
    const page = feed.readFeed(one.token.join('.'), key, { device: one.device, after: one.after });
    await feed.nextHead(known, page.checkpoint, [key], () => page.proof);
    feed.checkCover(page);
    return page.items.map((item) => feed.checkedCopy(item, page));
  };
  assert.equal(await codeOf(take), one.code);
  if (one.code || !one.values) return;
  const copies = await take();
  assert.deepEqual(Object.fromEntries(copies.map((copy) => [copy.id, copy.values])), one.values);
});
