/**
 * The RFC 6962 tree over SHA-256, computed from perfect subtrees only.
 *
 * A tree of `size` leaves is the row of its perfect subtrees, largest first: its compact range. Sizes go up
 * to 2^53, where the bit operators of JavaScript end at 2^32; so they are halved, not shifted.
 */

import { sha256 } from '@noble/hashes/sha2.js';

import { BadProof } from './errors.js';
import { bytes, join, same } from './lines.js';

export const HASH_BYTES = 32;
export const EMPTY_ROOT = sha256(new Uint8Array());
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

const odd = (n) => n % 2 === 1;
const half = (n) => Math.floor(n / 2);

/**
 * Return SHA-256(0x00 | line), the leaf of RFC 6962 section 2.1.
 * @param {Uint8Array | string} line
 * @returns {Uint8Array}
 */
export function leafHash(line) {
  return sha256(join(LEAF, typeof line === 'string' ? bytes(line) : line));
}

/**
 * Return SHA-256(0x01 | left | right).
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 * @returns {Uint8Array}
 */
export function nodeHash(left, right) {
  return sha256(join(NODE, left, right));
}

/**
 * Return how many perfect subtrees a tree has: the ones in the binary form of its size.
 * @param {number} size
 * @returns {number}
 */
export function rangeLength(size) {
  let count = 0;
  for (let left = size; left > 0; left = half(left)) count += left % 2;
  return count;
}

/** The perfect subtrees of a growing tree. */
export class CompactRange {
  /**
   * Throws BadProof where the number of hashes does not fit the size.
   * @param {number} [size]
   * @param {Uint8Array[]} [hashes] largest subtree first
   */
  constructor(size = 0, hashes = []) {
    const fits = Number.isSafeInteger(size) && size >= 0 && hashes.length === rangeLength(size);
    if (!fits || hashes.some((hash) => hash.length !== HASH_BYTES)) {
      throw new BadProof(`a compact range of ${size} leaves does not have ${hashes.length} hashes`);
    }
    this.size = size;
    this.hashes = [...hashes];
  }

  /**
   * Add one leaf hash.
   * @param {Uint8Array} leaf
   */
  append(leaf) {
    let node = leaf;
    for (let left = this.size; odd(left); left = half(left)) node = nodeHash(this.hashes.pop(), node);
    this.hashes.push(node);
    this.size += 1;
  }

  /**
   * Return the root at the present size; of the empty tree, SHA-256 of nothing.
   * @returns {Uint8Array}
   */
  root() {
    return this.hashes.length ? this.hashes.reduceRight((node, left) => nodeHash(left, node)) : EMPTY_ROOT;
  }
}

/**
 * Return the root over lines, each hashed as a leaf.
 * @param {(Uint8Array | string)[]} lines
 * @returns {Uint8Array}
 */
export function rootOfLines(lines) {
  const tree = new CompactRange();
  for (const line of lines) tree.append(leafHash(line));
  return tree.root();
}

/**
 * Return if `leaf` stands at `index` of the tree with `root`; throws BadProof (RFC 9162 2.1.3.2).
 * @param {Uint8Array} leaf
 * @param {number} index
 * @param {number} size
 * @param {Uint8Array[]} proof nearest sibling first
 * @param {Uint8Array} root
 */
export function verifyInclusion(leaf, index, size, proof, root) {
  if (!(index >= 0 && index < size) || proof.some((hash) => hash.length !== HASH_BYTES)) {
    throw new BadProof('the inclusion proof has the wrong shape');
  }
  let [fn, sn, node] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (sn === 0) throw new BadProof('the inclusion proof is too long');
    if (odd(fn) || fn === sn) {
      node = nodeHash(sibling, node);
      while (!odd(fn) && fn > 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      node = nodeHash(node, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0 || !same(node, root)) throw new BadProof('the inclusion proof does not lead to the root');
}

/**
 * Return if the tree of `old` leaves is a prefix of that of `size`; throws BadProof (RFC 9162 2.1.4.2).
 * @param {number} old
 * @param {Uint8Array} oldRoot
 * @param {number} size
 * @param {Uint8Array} root
 * @param {Uint8Array[]} proof
 */
export function verifyConsistency(old, oldRoot, size, root, proof) {
  if (!(old >= 0 && old <= size) || proof.some((hash) => hash.length !== HASH_BYTES)) {
    throw new BadProof('the consistency proof has the wrong shape');
  }
  if (old === 0 || old === size) {
    const expected = old === 0 ? EMPTY_ROOT : root;
    const empty = size !== 0 || same(root, EMPTY_ROOT);
    if (proof.length || !same(oldRoot, expected) || !empty) throw new BadProof('the two heads are not one tree');
    return;
  }
  const path = isPowerOfTwo(old) ? [oldRoot, ...proof] : [...proof];
  if (!path.length) throw new BadProof('the consistency proof is empty');
  const [first, second] = walk(path, old, size);
  if (!same(first, oldRoot) || !same(second, root)) {
    throw new BadProof('the consistency proof does not join the two heads');
  }
}

/** Return the two roots that a consistency proof leads to. */
function walk(path, old, size) {
  let [fn, sn] = [old - 1, size - 1];
  while (odd(fn)) [fn, sn] = [half(fn), half(sn)];
  let [first, second] = [path[0], path[0]];
  for (const node of path.slice(1)) {
    if (sn === 0) throw new BadProof('the consistency proof is too long');
    if (odd(fn) || fn === sn) {
      [first, second] = [nodeHash(node, first), nodeHash(node, second)];
      while (!odd(fn) && fn > 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      second = nodeHash(second, node);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0) throw new BadProof('the consistency proof is too short');
  return [first, second];
}

function isPowerOfTwo(n) {
  return rangeLength(n) === 1;
}
