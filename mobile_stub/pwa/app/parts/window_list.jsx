/** A long list of which only what is near the window is drawn: thousands of rows scroll as ten do. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

const MORE_ROWS = 6;

/**
 * @template T
 * @param {{things: T[], row: (thing: T, n: number) => any, keyOf: (thing: T) => string, high: number, label: string}} properties
 *   high: of one row in px, the same for all
 */
export function WindowList({ things, row, keyOf, high, label }) {
  const box = useRef(null);
  const [[first, last], show] = useState([0, 20]);
  const measure = () => {
    const above = -(box.current?.getBoundingClientRect().top ?? 0);
    const from = Math.max(0, Math.floor(above / high) - MORE_ROWS);
    const to = Math.ceil((above + innerHeight) / high) + MORE_ROWS;
    show((shown) => (shown[0] === from && shown[1] === to ? shown : [from, to]));
  };
  useLayoutEffect(measure, [things.length]);
  useEffect(() => {
    let asked = 0;
    const moved = () => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(measure);
    };
    addEventListener('scroll', moved, { passive: true });
    addEventListener('resize', moved, { passive: true });
    return () => {
      cancelAnimationFrame(asked);
      removeEventListener('scroll', moved);
      removeEventListener('resize', moved);
    };
  }, []);
  return (
    <ul class="window" ref={box} aria-label={label} style={{ height: `${things.length * high}px` }}>
      {things.slice(first, last).map((thing, n) => (
        <li key={keyOf(thing)} aria-setsize={things.length} aria-posinset={first + n + 1} style={{ transform: `translateY(${(first + n) * high}px)`, height: `${high}px` }}>
          {row(thing, first + n)}
        </li>
      ))}
    </ul>
  );
}
