/** Signs drawn as lines, in the colour of the text around them; the word beside them says what they mean. */

const PATHS = {
  today: 'M5 5h14v15H5zM5 10h14M9 3v4M15 3v4',
  bed: 'M3 19v-6h18v6M3 17h18M5 13V8h14v5M8 8v3h4V8',
  camera: 'M4 8h4l2-3h4l2 3h4v11H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8',
  sync: 'M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5',
  back: 'M15 5l-7 7 7 7',
  tick: 'M5 13l4 4L19 7',
  pen: 'M4 20l1-5L16 4l4 4L9 19zM13 7l4 4',
  video: 'M3 7h12v10H3zM15 11l6-3v8l-6-3',
  microphone: 'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4',
  scan: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M7 9h10M7 12h10M7 15h6',
  codes: 'M4 5v14M7 5v14M11 5v14M14 5v14M17 5v14M20 5v14',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  torch: 'M9 3h6v4l-2 3v11h-2V10L9 7zM9 7h6',
  cross: 'M6 6l12 12M18 6L6 18',
  alarm: 'M12 3l10 18H2zM12 10v5M12 18v.5',
  lock: 'M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l4 2',
};

/** @param {{name: keyof typeof PATHS}} properties */
export function Icon({ name }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
