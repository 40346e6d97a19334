/**
 * The refusals: every way in which a message is not what the protocol says, each with a stable code.
 *
 * Codes are those of docs/protocol.md section 11 and are never renamed. What goes wrong on the phone
 * itself, and what a server answers, stands in trouble.js.
 */

/** A message does not hold; `code` is stable, `detail` is for a person, `facts` beside it are plain data. */
export class Refusal extends Error {
  static code = 'refused';

  /**
   * @param {string} [detail] what is wrong
   * @param {Record<string, unknown>} [facts] such as `item` and `field`
   */
  constructor(detail = '', facts = {}) {
    super(detail);
    this.name = new.target.name;
    this.detail = detail;
    this.facts = facts;
  }

  /** @returns {string} the stable code */
  get code() {
    return /** @type {typeof Refusal} */ (this.constructor).code;
  }
}

/** A line is not RFC 8785 canonical JSON with integers only. */
export class NotCanonical extends Refusal {
  static code = 'not_canonical';
}

/** The text or one of its members does not have the form that the protocol gives it. */
export class Malformed extends Refusal {
  static code = 'malformed';
}

/** A limit of the wire was exceeded. */
export class TooLarge extends Refusal {
  static code = 'too_large';
}

/** The envelope cannot be opened with the key it names; a wrong key and a damaged envelope read the same. */
export class Unopenable extends Refusal {
  static code = 'unopenable';
}

/** A signature does not verify, or is of another kind than expected. */
export class BadSignature extends Refusal {
  static code = 'bad_signature';
}

/** A tree proof, receipt or checkpoint does not verify: the ledger contradicts what was seen. */
export class BadProof extends Refusal {
  static code = 'bad_proof';
}

/** The ledger key that this phone pinned was compromised, or introduced the one that counts now. */
export class KeyCompromised extends Refusal {
  static code = 'key_compromised';
}

/** The server's ledger key is not the one that the invite named. */
export class PinMismatch extends Refusal {
  static code = 'pin_mismatch';
}

/** A file's cipher does not open, or is not what was signed at capture. */
export class FileCorrupt extends Refusal {
  static code = 'file_corrupt';
}

/** The request's proof is outside its five minutes. */
export class ProofExpired extends Refusal {
  static code = 'proof_expired';
}

/** The record type is not known to this app. */
export class UnknownType extends Refusal {
  static code = 'unknown_type';
}

/** The record type has no such field. */
export class UnknownField extends Refusal {
  static code = 'unknown_field';
}

/** A value does not fit its field, or the record does not allow the act. */
export class BadValue extends Refusal {
  static code = 'bad_value';
}

/** This phone holds no such record. */
export class RecordUnknown extends Refusal {
  static code = 'record_unknown';
}
