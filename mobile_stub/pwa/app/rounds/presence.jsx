/** The signs of a bed: a colour and a sign for each presence, never a colour alone. */

const SIGNS = {
  in_bed: 'M5 13l4 4L19 7',
  on_site_off_bed: 'M4 12h15M13 6l6 6-6 6',
  absent: 'M6 6l12 12M18 6L6 18',
  discharged_unsettled: 'M6 21V3h9v18M3 21h15M12 12v.5M18 12h4',
  unverifiable: 'M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18v.5',
  disputed: 'M12 3v18M4 8l4 4-4 4M20 8l-4 4 4 4',
};

/** @param {{presence?: string}} properties */
export function Sign({ presence }) {
  if (!SIGNS[presence]) return null;
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SIGNS[presence]} />
    </svg>
  );
}
