/** Roots, proofs, and the notes that sign a head. */

import assert from 'node:assert/strict';

import { checkpoint, feed, lines, merkle } from '../../../mobile_stub/pwa/protocol/index.js';
import { codeOf, each } from './vectors.mjs';

const leafLine = (n) => `{"n":${n}}`;

each('tree_roots', async (one) => {
  const hashes = one.range.map(lines.unhex);
  assert.equal(await codeOf(() => new merkle.CompactRange(one.size, hashes)), one.code);
  if (one.code) return assert.equal(one.root, null);
  const grown = new merkle.CompactRange();
  for (let n = 0; n < one.size; n += 1) grown.append(merkle.leafHash(leafLine(n)));
  assert.deepEqual(grown.hashes.map(lines.hex), one.range);
  return assert.equal(lines.hex(new merkle.CompactRange(one.size, hashes).root()), one.root);
});

each('tree_inclusion', async (one) => {
  const [leaf, root] = [lines.unhex(one.leaf), lines.unhex(one.root)];
  const proof = one.proof.map((node) => lines.unb64u(node));
  assert.equal(await codeOf(() => merkle.verifyInclusion(leaf, one.index, one.size, proof, root)), one.code);
});

each('tree_consistency', async (one) => {
  const [oldRoot, root] = [lines.unhex(one.old_root), lines.unhex(one.new_root)];
  const proof = one.proof.map((node) => lines.unb64u(node));
  assert.equal(await codeOf(() => merkle.verifyConsistency(one.old, oldRoot, one.new, root, proof)), one.code);
});

each('checkpoints', async (one) => {
  const key = lines.unhex(one.key);
  assert.equal(await codeOf(() => checkpoint.verify(one.note, [key])), one.code);
  if (one.code) return;
  const { origin, epoch, size, root } = checkpoint.verify(one.note, [key]);
  assert.deepEqual({ origin, epoch, size, root: lines.hex(root) }, one.head);
  assert.equal(checkpoint.verifierKey(`${origin}/${epoch}`, key), one.verifier);
});

each('heads', async (one) => {
  const known = { ...one.known, root: lines.unhex(one.known.root) };
  const proof = one.proof.map((node) => lines.unb64u(node));
  const follow = () => feed.nextHead(known, one.note, [lines.unhex(one.key)], () => proof);
  assert.equal(await codeOf(follow), one.code);
  assert.equal(one.code ? null : (await follow()).size, one.size);
});

each('place_proofs', async (one) => {
  const prove = () => checkpoint.verifyProofText(one.proof, merkle.leafHash(one.line), [lines.unhex(one.key)]);
  assert.equal(await codeOf(prove), one.code);
  if (!one.code) assert.deepEqual([prove().index, prove().head.size], [one.index, one.size]);
});
