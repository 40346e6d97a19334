/** The beds of a round, ward by ward; only those near the window are drawn, so that a thousand scroll like ten. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

import { Icon } from '../parts/icon.jsx';
import { say } from '../words.js';
import { Sign } from './presence.jsx';
import { nameOfPresence } from './words.js';

const TILE_MIN = 76;
const GAP = 8;
const ROW = 72;
const HEAD = 48;
const SPARE = 240;

/**
 * Return the lines of the grid with their places: a heading for each ward, then its beds in rows.
 * @param {any[]} beds in order
 * @param {number} across how many beds stand in a row
 * @returns {{lines: {top: number, high: number, ward?: string, beds?: any[]}[], high: number}}
 */
export function linesOf(beds, across) {
  const lines = [];
  let top = 0;
  let ward = null;
  const put = (line, high) => {
    lines.push({ ...line, top, high });
    top += high;
  };
  for (let n = 0; n < beds.length; ) {
    if (beds[n].values.ward !== ward) {
      ward = beds[n].values.ward;
      put({ ward }, HEAD);
    }
    const row = [];
    while (n < beds.length && row.length < across && beds[n].values.ward === ward) row.push(beds[n++]);
    put({ beds: row }, ROW);
  }
  return { lines, high: top };
}

/** @param {{data: import('./open_round.js').OpenRound}} properties */
export function BedGrid({ data }) {
  const box = useRef(null);
  const [across, setAcross] = useState(4);
  const { lines, high } = useMemo(() => linesOf(data.beds, across), [data.beds, across]);
  const [from, to] = useWindow(box, high);
  useLayoutEffect(() => {
    const fit = () => setAcross(Math.max(1, Math.floor((box.current.clientWidth + GAP) / (TILE_MIN + GAP))));
    fit();
    addEventListener('resize', fit);
    return () => removeEventListener('resize', fit);
  }, []);
  const shown = lines.filter((line) => line.top + line.high > from && line.top < to);
  // What was drawn once is not compared again while one scrolls: the same object is passed over.
  const drawn = useMemo(() => new Map(), [data, lines]);
  return (
    <div class="bed-grid" ref={box} style={{ height: `${high}px`, '--across': across }}>
      {shown.map((line) => {
        if (!drawn.has(line)) drawn.set(line, lineOf(line, data));
        return drawn.get(line);
      })}
    </div>
  );
}

const lineOf = (line, data) => (
  <div key={line.top} class="bed-line" style={{ transform: `translateY(${line.top}px)` }}>
    {line.ward ? <Heading ward={line.ward} data={data} /> : line.beds.map((bed) => <Tile key={bed.id} bed={bed} data={data} />)}
  </div>
);

/** The part of the box that is near the window, followed while it scrolls, drawn at most once a frame. */
function useWindow(box, high) {
  const [part, setPart] = useState([0, 1200]);
  useLayoutEffect(() => {
    let asked = 0;
    const look = () => {
      asked = 0;
      const above = box.current.getBoundingClientRect().top;
      const from = Math.floor(-above / SPARE) * SPARE - SPARE;
      const to = from + innerHeight + 3 * SPARE;
      setPart((known) => (known[0] === from && known[1] === to ? known : [from, to]));
    };
    const scrolled = () => {
      asked ||= requestAnimationFrame(look);
    };
    look();
    addEventListener('scroll', scrolled, { passive: true });
    addEventListener('resize', scrolled);
    return () => {
      removeEventListener('scroll', scrolled);
      removeEventListener('resize', scrolled);
      cancelAnimationFrame(asked);
    };
  }, [high]);
  return part;
}

function Heading({ ward, data }) {
  const beds = data.beds.filter(({ values }) => values.ward === ward);
  const done = beds.filter(({ id }) => data.known.has(id)).length;
  return <h2 class="ward-name">{say(`病区 ${ward}`, `Ward ${ward}`)} <span class="quiet">{done}/{beds.length}</span></h2>;
}

function Tile({ bed, data }) {
  const state = data.known.get(bed.id);
  const photos = data.photos.get(bed.id)?.length ?? 0;
  const presence = state?.presence;
  const words = [bed.values.bed, nameOfPresence(presence)];
  if (state?.suspected) words.push(say('存疑', 'suspected'));
  if (photos) words.push(say(`${photos} 件影像`, `${photos} pictures or memos`));
  return (
    <a
      class={`bed-tile is-${presence ?? 'unchecked'}${state?.suspected ? ' flagged' : ''}`}
      href={`#/round/${data.round.id}/bed/${bed.id}`}
      aria-label={words.join(say('，', ', '))}
    >
      <b>{bed.values.bed}</b>
      <span class="bed-signs">
        <Sign presence={presence} />
        {photos > 0 && <Icon name="camera" />}
      </span>
    </a>
  );
}

/** Scroll the next bed into the window when the page is opened. @param {string | undefined} bed @param {any[]} beds */
export function useStartAt(bed, beds) {
  useEffect(() => {
    const across = Math.max(1, Math.floor((innerWidth - 32 + GAP) / (TILE_MIN + GAP)));
    const line = linesOf(beds, across).lines.find((one) => one.beds?.some(({ id }) => id === bed));
    if (line && line.top > innerHeight / 2) scrollTo(0, line.top);
  }, []);
}
