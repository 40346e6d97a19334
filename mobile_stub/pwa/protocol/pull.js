/** Receiving: feed pages are opened, verified and taken over one by one; then records are checked in the tree. */

import { readKept, readPrivate, tombstone, written } from './changes.js';
import { FEED_BYTES_MAX, feedInfo, open } from './envelope.js';
import { needsALook, onlyRepeats } from './entries.js';
import { checkCover, checkPlace, checkedCopy, judgedAgain, readFeed } from './feed.js';
import * as drift from './drift.js';
import { conflictId } from './ids.js';
import { numberOf, numbered } from './journal.js';
import { makerOf } from './key_chain.js';
import * as lease from './lease.js';
import { digest, text, unb64 } from './lines.js';
import { NOTE_BYTES_MAX, PROOF_HEADER } from './checkpoint.js';
import { FEED } from './signing.js';
import { NotTheServer } from './trouble.js';

export const PAGE_ITEMS = 200;
export const OTHERS_CHECKED = 8;
export const OWN_CHECKED_MAX = 64;
export const CHECK_AFTER_MS = 86_400_000;
export const TEXT_KEPT_MS = 30 * 86_400_000;
const PAGES_MAX = 10_000;
/** The header that tells the server how many changes have no receipt yet: the bureau sees which phone is stuck. */
const UNSENT = 'Wardledger-Unsent';

/** @typedef {import('./kit.js').Kit} Kit */
/**
 * mended: how many new snapshots it took because what this phone held had drifted from the ledger
 * @typedef {{items: number, evicted: number, checked: number, pages: number, mended: number}} Pulled
 */

/**
 * Take over everything new in the phone's scope, one page a step; counts in `done` as it goes.
 * @param {Kit} kit
 * @param {Pulled} done
 * @param {(told: {done: number, total: null}) => void} [onProgress] nobody knows how much is still to come
 */
export async function pull(kit, done, onProgress = () => {}) {
  await kit.refuseIfStopped();
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const cursor = (await kit.journal.get('cursor')) ?? '';
    const seen = (await kit.head()).size;
    const query = new URLSearchParams(cursor ? { after: cursor } : {});
    query.set('limit', String(PAGE_ITEMS));
    query.set('seen', String(seen));
    if (await drift.isDue(kit)) query.set('sums', '1');
    const answer = await kit.transport.ask('GET', `/v1/feed?${query}`, {
      headers: { ...(await kit.presented()), [UNSENT]: String(await unreceived(kit)) },
      good: [200, 204],
    });
    await lease.renew(kit, answer);
    if (answer.status === 204) return nothingNew(kit, answer);
    const page = await opened(kit, answer, cursor);
    await takeOver(kit, page, answer, done);
    onProgress({ done: done.items, total: null });
    if (page.more) continue;
    if (page.sums === null || (await drift.compare(kit, page.sums))) return undefined;
    done.mended += 1;
  }
  throw new NotTheServer('the feed does not end');
}

async function unreceived(kit) {
  const waits = async ([, row]) => row.seq === undefined || !(await kit.journal.get(numbered('set', row.seq)))?.receipt;
  const own = (await kit.journal.rows('change/')).filter(([, row]) => !(row.seq < 0));
  return (await Promise.all(own.map(waits))).filter(Boolean).length;
}

async function opened(kit, answer, cursor) {
  const info = feedInfo(kit.me.origin, kit.me.device);
  const raw = await open(answer.body, { key: kit.receivingKey, info, textBytesMax: FEED_BYTES_MAX });
  let jws;
  try {
    jws = text(raw).trim();
  } catch {
    throw new NotTheServer('the feed page holds no signed statement');
  }
  const maker = makerOf(jws, FEED, await kit.keysOfToken(jws, FEED));
  return readFeed(jws, maker, { device: kit.me.device, after: cursor });
}

/** Verify a page whole, then apply it whole: items, evictions, cursor, head and anchor in one step. */
async function takeOver(kit, page, answer, done) {
  const head = await kit.follow(page.checkpoint, page.proof);
  checkCover(page);
  const copies = page.items.map((item) => checkedCopy(item, page));
  const rows = new Map();
  const doubted = await kit.journal.get('doubted');
  for (const copy of copies) {
    const known = rows.get(`record/${copy.id}`) ?? (await kit.journal.get(`record/${copy.id}`));
    if (!known || doubted || copy.version >= known.version) rows.set(`record/${copy.id}`, copy);
    for (const [key, row] of await fileRows(kit, copy)) rows.set(key, row);
  }
  for (const [key, row] of await judged(kit, page)) rows.set(key, row);
  for (const [key, row] of await withoutErased(kit, page, rows)) rows.set(key, row);
  done.evicted += await hide(kit, page.evict, rows);
  for (const [key, row] of drift.seenAgain(doubted, copies)) rows.set(key, row);
  const heard = { epoch: page.epoch, index: page.head, time: page.time };
  const known = [...(await kit.headRow(head)), ...(await kit.anchorRow(answer, heard))];
  await kit.journal.write([...rows, ['cursor', page.cursor], ...known]);
  done.items += copies.length;
  done.pages += 1;
}

/** Put tombstones in the place of the private lines of own changes that were erased by law. */
async function withoutErased(kit, { items }, rows) {
  const gone = new Set(items.flatMap(({ erased }) => erased));
  if (!gone.size) return [];
  const without = (line) => (gone.has(digest(line)) ? tombstone(digest(line), readPrivate(line).kind) : line);
  const own = (await kit.journal.rows('change/')).map(([key, row]) => [key, rows.get(key) ?? row]);
  return own
    .filter(([, row]) => row.private.some((line) => gone.has(digest(line))))
    .map(([key, row]) => [key, { ...row, private: row.private.map(without) }]);
}

/** Take over what became of own changes that were held or late. */
async function judged(kit, page) {
  const again = new Map(page.outcomes.map(({ change, index }) => [change, index]));
  if (!again.size) return [];
  // That a change was `same` because it had been sent before says nothing of what became of it then.
  const isNewer = ({ outcome }, index) => index > (outcome?.index ?? -1) || onlyRepeats(outcome);
  const rows = (await kit.journal.rows('change/')).filter(([, row]) => again.has(row.id));
  const own = rows.filter(([, row]) => isNewer(row, again.get(row.id)));
  return own.map(([key, row]) => {
    const outcome = judgedAgain(row, again.get(row.id), page);
    return [key, { ...row, outcome, settled: !needsALook(outcome) }];
  });
}

/** Records of a root that left the scope are hidden at once; they go once every own change has a receipt. */
async function hide(kit, roots, rows) {
  if (!roots.length) return 0;
  const fresh = [...rows].filter(([key]) => key.startsWith('record/'));
  const known = new Map([...(await kit.journal.rows('record/')), ...fresh]);
  // A scope root, or one record that was shown by itself.
  const left = ([key, copy]) => roots.includes(copy.root) || roots.includes(key.slice('record/'.length));
  const gone = [...known].filter((row) => left(row) && !row[1].hidden);
  for (const [key, copy] of gone) rows.set(key, { ...copy, hidden: true });
  return gone.length;
}

/** Note what the server found of a file that this phone sent; what is damaged there is sent again. */
async function fileRows(kit, copy) {
  const { cipher_digest: cipher, file_state: state } = copy.values;
  const known = copy.type === 'evidence' && cipher ? await kit.journal.get(`file/${cipher}`) : undefined;
  if (!known || known.state === 'done') return [];
  if (state === 'verified') return [[`file/${cipher}`, { ...known, state: 'done' }]];
  const lost = ['corrupt', 'abandoned'].includes(state) && known.state === 'sent';
  return lost ? [[`file/${cipher}`, { ...known, state: 'waiting', location: null }]] : [];
}

/** Take the next cursor; a larger head counts only with a proof, which is fetched. */
async function nothingNew(kit, answer) {
  const cursor = answer.headers.get('wardledger-cursor') ?? '';
  const stated = answer.headers.get('wardledger-checkpoint') ?? '';
  if (!cursor || !stated || stated.length > 2 * NOTE_BYTES_MAX) {
    throw new NotTheServer('the empty feed names no cursor and checkpoint');
  }
  let note;
  try {
    note = text(unb64(stated));
  } catch {
    throw new NotTheServer("the empty feed's checkpoint is not base64");
  }
  const head = await kit.follow(note);
  await kit.journal.write([['cursor', cursor], ...(await kit.headRow(head))]);
}

// -- what is checked in the tree ---------------------------------------------------------------------------

/**
 * Prove own records and eight others in the tree, after a feed that brought something and at least daily.
 * @param {Kit} kit
 * @param {Pulled} done
 */
export async function checkRecords(kit, done) {
  const last = await kit.journal.get('checked');
  if (!done.items && last !== undefined && kit.transport.nowMs() - last < CHECK_AFTER_MS) return;
  for (const copy of await chosen(kit)) {
    const answer = await kit.transport.ask('GET', `/ledger/proof?index=${copy.entry}`);
    const proof = answer.text();
    // A guest network's page is no contradiction, and must not stop the phone for good.
    if (!proof.startsWith(PROOF_HEADER)) throw new NotTheServer('the answer is no proof');
    const keys = await kit.keysOfNote(proof.slice(proof.indexOf('\n\n') + 2));
    const head = await kit.follow(checkPlace(copy, proof, keys));
    await kit.journal.write(await kit.headRow(head));
    done.checked += 1;
  }
  await kit.journal.write([['checked', kit.transport.nowMs()]]);
}

/** Return own records whose entry no receipt has proven yet, and eight others at random. */
async function chosen(kit) {
  const changes = (await kit.journal.rows('change/')).map(([, row]) => row);
  const changed = new Set(changes.map((row) => row.record));
  const shown = new Set(changes.filter((row) => row.outcome && !row.outcome.heard).map((row) => row.outcome.entry));
  const copies = (await kit.journal.rows('record/')).map(([, copy]) => copy).filter((copy) => !copy.hidden);
  const own = copies.filter((copy) => changed.has(copy.id));
  const others = copies.filter((copy) => !changed.has(copy.id));
  const picked = [...sample(kit, own, OWN_CHECKED_MAX), ...sample(kit, others, OTHERS_CHECKED)];
  return picked.filter((copy) => copy.entry !== undefined && !shown.has(digest(copy.entry_line)));
}

function sample(kit, given, most) {
  const left = [...given];
  const found = [];
  while (left.length && found.length < most) {
    const chance = new DataView(kit.random(4).slice().buffer).getUint32(0);
    found.push(...left.splice(chance % left.length, 1));
  }
  return found;
}

// -- afterwards ----------------------------------------------------------------------------------------------

/** Take off the list of looks the conflicts that the feed has shown decided since. @param {Kit} kit */
export async function settleLooks(kit) {
  for (const [key, row] of await kit.journal.rows('change/')) {
    if (row.settled !== false || row.outcome.verdict !== 'conflict') continue;
    if (await isSettled(kit, row)) await kit.journal.write([[key, { ...row, settled: true }]]);
  }
}

async function isSettled(kit, row) {
  const change = readKept(row.line, row.private);
  const names = /** @type {const} */ (['set', 'add', 'remove']).flatMap((which) => Object.keys(written(change, which)));
  const found = await Promise.all(names.map((name) => kit.journal.get(`record/${conflictId(row.record, name)}`)));
  const known = found.filter((copy) => copy !== undefined);
  return known.length > 0 && known.every((copy) => copy.values.state === 'settled');
}

/**
 * Let go of what may go: evicted records without unsent work, texts 30 days after their receipt, sent files.
 * @param {Kit} kit
 */
export async function tidy(kit) {
  const gone = [];
  const sets = await kit.journal.rows('set/');
  const waits = new Set(sets.filter(([, set]) => !set.receipt).map(([key]) => numberOf(key)));
  for (const [key, copy] of await kit.journal.rows('record/')) {
    if (!copy.hidden) continue;
    const own = (await kit.journal.rows('change/')).filter(([, row]) => row.record === copy.id);
    // A receipt alone lets go of it: what the feed told of a set that was sent again is none.
    if (!own.every(([, row]) => row.outcome && !waits.has(row.seq))) continue;
    // What this phone recorded there itself would else be shown again, without its copy.
    gone.push([key, undefined], ...own.map(([at, row]) => [at, { ...row, left: true }]));
  }
  // By the server's time alone: a phone whose clock leaps a year ahead must not lose its texts.
  const anchor = await kit.journal.get('anchor');
  const before = (anchor?.time ?? 0) - TEXT_KEPT_MS;
  const isOld = ([, set]) => set.received !== undefined && set.received < before;
  const former = (await kit.journal.rows('former/')).filter(isOld).map(([key]) => -numberOf(key));
  const seqs = new Set([...sets.filter(isOld).map(([key]) => numberOf(key)), ...former]);
  for (const [key, row] of await kit.journal.rows('change/')) {
    if (row.settled && seqs.has(row.seq)) gone.push([key, undefined]);
  }
  await kit.journal.write(gone);
  for (const [key, file] of await kit.journal.rows('file/')) {
    if (file.state === 'done') await kit.journal.dropBlob(key.slice(5));
  }
}
