/**
 * What goes wrong on the phone itself, and what a server's refusal looks like from here.
 *
 * A Trouble is the phone's own word and never travels; a ServerRefused carries what the server answered, so
 * that it cannot be taken for something that the phone's own checks found.
 */

/** Something the phone's user must know; what was recorded is kept. */
export class Trouble extends Error {
  static code = 'trouble';

  /** @param {string} [detail] */
  constructor(detail = '') {
    super(detail);
    this.name = new.target.name;
    this.detail = detail;
  }

  /** @returns {string} a stable word */
  get code() {
    return /** @type {typeof Trouble} */ (this.constructor).code;
  }
}

/** The server cannot be reached: record on, sync again later. */
export class Offline extends Trouble {
  static code = 'offline';
}

/** Something answered that does not speak as the server does, such as a guest network's sign-in page. */
export class NotTheServer extends Trouble {
  static code = 'not_the_server';
}

/** An error status without a problem, as gateways and uploads answer. */
export class BareStatus extends NotTheServer {
  /** @param {number} status */
  constructor(status) {
    super(`status ${status} without a problem`);
    this.status = status;
  }
}

/** What the ledger sent of a place and what it sums up there do not agree, also after all was fetched anew. */
export class Drifting extends Trouble {
  static code = 'drifting';
}

/** The bureau lets this version of the app record nothing more; what it recorded is sent as ever. */
export class OutdatedApp extends Trouble {
  static code = 'outdated_app';
}

/** A catalogue is not the one that its digest names; it was not kept. */
export class CatalogueDiffers extends Trouble {
  static code = 'catalogue_differs';
}

/** This phone holds no catalogue for the inspection. */
export class NoCatalogue extends Trouble {
  static code = 'no_catalogue';
}

/** This phone has been out of touch for too long, so it shows nothing of what it holds; recording goes on. */
export class ReadingLocked extends Trouble {
  static code = 'reading_locked';
}

/** The server's key list has run out. */
export class StaleKeys extends Trouble {
  static code = 'stale_keys';
}

/** Another sync of this phone is running. */
export class SyncRunning extends Trouble {
  static code = 'sync_running';
}

/** This journal belongs to an enrolled phone already; its keys are never overwritten. */
export class AlreadyEnrolled extends Trouble {
  static code = 'already_enrolled';
}

/** This journal holds no enrolled phone. */
export class NotEnrolled extends Trouble {
  static code = 'not_enrolled';
}

/** The server knows another chain of this phone: its journal was copied or restored from a backup. */
export class ChainDiffers extends Trouble {
  static code = 'chain_differs';
}

/** The server lacks sets for which this phone holds receipts: it was restored from a backup. */
export class ServerBehind extends Trouble {
  static code = 'server_behind';
}

/** What the journal holds is not what was written. */
export class Damaged extends Trouble {
  static code = 'damaged';
}

/** The phone's storage is full: free some, or let what waits be sent; what was recorded is kept. */
export class StorageFull extends Trouble {
  static code = 'storage_full';
}

/** Another tab or window of this app has the journal; one works at a time. */
export class InAnotherTab extends Trouble {
  static code = 'in_another_tab';
}

/** The browser let go of the journal or deleted it: what was not sent and not exported is lost. */
export class JournalLost extends Trouble {
  static code = 'journal_lost';
}

/** A newer version of the app has written this journal: load the app anew. */
export class JournalNewer extends Trouble {
  static code = 'journal_newer';
}

/** The ledger contradicted what this phone had seen; recording goes on, sealing and syncing are stopped. */
export class Alarmed extends Trouble {
  static code = 'alarmed';
}

/** The server stopped this phone; what it recorded is kept on it. */
export class Stopped extends Trouble {
  static code = 'stopped';
}

/** The server's answer was a problem (RFC 9457); `code` is its stable code. */
export class ServerRefused extends Error {
  /**
   * @param {Record<string, any>} problem the parsed body
   * @param {{status: number, retryAfterSeconds: number | null, date: string}} answer
   */
  constructor(problem, { status, retryAfterSeconds, date }) {
    super(`${problem.code}: ${problem.detail ?? ''}`);
    this.name = 'ServerRefused';
    this.problem = problem;
    this.code = String(problem.code);
    this.detail = String(problem.detail ?? '');
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
    this.date = date;
  }
}
