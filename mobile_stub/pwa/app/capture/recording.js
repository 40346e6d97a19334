/**
 * Sound and moving pictures: what the recorder gives is sealed piece by piece while it runs, never whole in memory.
 */

import { REAR } from './picture.js';

const PIECE_MS = 1_000;
/** By what is recorded: what the phone is asked for, the type as records know it, how it is coded, and how long it may be. */
export const RECORDINGS = {
  video: {
    asked: { video: { ...REAR.video, width: { ideal: 1280 }, height: { ideal: 720 } }, audio: true },
    type: 'video/mp4',
    bits: { videoBitsPerSecond: 2_500_000, audioBitsPerSecond: 64_000 },
    most_ms: 30 * 60_000,
  },
  audio: { asked: { audio: true }, type: 'audio/mp4', bits: { audioBitsPerSecond: 64_000 }, most_ms: 4 * 60 * 60_000 },
};

/** @param {'video' | 'audio'} what @returns {boolean} whether this browser records what records can hold */
export const records = (what) => typeof MediaRecorder !== 'undefined' && MediaRecorder.isTypeSupported(RECORDINGS[what].type);

/** One recording, from its start to its end; `chunks` yields its bytes as they come. */
export class Recording {
  #queue = [];
  #wake = () => {};
  #over = false;
  #failed = null;

  /** @param {MediaStream} stream @param {'video' | 'audio'} what @param {typeof MediaRecorder} [Recorder] */
  constructor(stream, what, Recorder = MediaRecorder) {
    const { type, bits } = RECORDINGS[what];
    this.type = type;
    this.recorder = new Recorder(stream, { mimeType: type, ...bits });
    this.recorder.ondataavailable = ({ data }) => data.size && this.#put(data);
    this.recorder.onstop = () => this.#end(null);
    this.recorder.onerror = () => this.#end(new Error('the recorder failed'));
    this.recorder.start(PIECE_MS);
  }

  /** End it: what was recorded until now is all. */
  stop() {
    if (this.recorder.state !== 'inactive') this.recorder.stop();
  }

  /** End it and let whoever reads it fail: nothing of it is kept. */
  discard() {
    this.#end(new Discarded('the recording was discarded'));
    this.stop();
  }

  /** @returns {AsyncGenerator<Uint8Array>} */
  async *chunks() {
    for (;;) {
      if (this.#failed) throw this.#failed;
      if (this.#queue.length) yield new Uint8Array(await this.#queue.shift().arrayBuffer());
      else if (this.#over) return;
      else await new Promise((wake) => (this.#wake = wake));
    }
  }

  #put(blob) {
    this.#queue.push(blob);
    this.#wake();
  }

  #end(error) {
    this.#failed ??= this.#over ? null : error;
    this.#over = true;
    this.#wake();
  }
}

/** Whoever recorded did not want it kept. */
export class Discarded extends Error {}
