/**
 * Where the phone is, as records state it: asked for while a camera is open, so that a shutter waits for no satellite.
 *
 * A place that is older than a minute is no place any more: people walk. Where none is known the record has none,
 * and the user is told why; nobody is kept from recording by it.
 */

const FRESH_MS = 60_000;
const ACCURACY_M_MAX = 1_000_000;
const E7 = 10_000_000;
const REASONS = { 1: 'denied', 2: 'unavailable', 3: 'slow' };

/**
 * @typedef {{lat_e7: number, lon_e7: number, accuracy_m: number, provider: 'fused', mock: false}} Position
 * @typedef {{position: Position | null, age_ms: number | null, why: 'denied' | 'unavailable' | 'slow' | 'old' | null}} Place
 */

/**
 * Return a position as records state it: 1e-7 degrees and whole metres, never more exact than it was measured.
 * @param {{latitude: number, longitude: number, accuracy: number}} coords
 * @returns {Position}
 */
export function positionOf({ latitude, longitude, accuracy }) {
  return {
    lat_e7: Math.round(latitude * E7),
    lon_e7: Math.round(longitude * E7),
    accuracy_m: Math.min(ACCURACY_M_MAX, Math.ceil(accuracy)),
    provider: 'fused',
    mock: false,
  };
}

/** Follows where the phone is, from when it is begun until it is ended. */
export class Whereabouts {
  #watch = null;
  #fix = null;
  #why = 'slow';

  /** @param {Geolocation | undefined} asked @param {() => number} now the wall clock @param {() => void} changed */
  constructor(asked = globalThis.navigator?.geolocation, now = Date.now, changed = () => {}) {
    Object.assign(this, { asked, now, changed });
  }

  /** Begin to follow. @returns {this} */
  begin() {
    if (!this.asked) this.#why = 'unavailable';
    else if (this.#watch === null) {
      const how = { enableHighAccuracy: true, maximumAge: FRESH_MS, timeout: 20_000 };
      this.#watch = this.asked.watchPosition((fix) => this.#heard(fix), (error) => this.#failed(error), how);
    }
    return this;
  }

  /** End, and forget nothing that was heard. */
  end() {
    if (this.#watch !== null) this.asked.clearWatch(this.#watch);
    this.#watch = null;
  }

  /** @returns {Place} where the phone is now, as far as it knows */
  here() {
    if (!this.#fix) return { position: null, age_ms: null, why: this.#why };
    const age = Math.max(0, this.now() - this.#fix.heard);
    if (age > FRESH_MS) return { position: null, age_ms: age, why: this.#why === 'denied' ? 'denied' : 'old' };
    return { position: this.#fix.position, age_ms: age, why: null };
  }

  #heard({ coords, timestamp }) {
    // A fix from before is as old as it says; one that claims to come from the future is of now.
    this.#fix = { position: positionOf(coords), heard: Math.min(timestamp, this.now()) };
    this.changed();
  }

  #failed({ code }) {
    this.#why = REASONS[code] ?? 'unavailable';
    if (code === 1) this.#fix = null;
    this.changed();
  }
}
