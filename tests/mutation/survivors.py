"""Mutants that no test notices, each with the reason why none can: keyed by module, function, and the change itself."""

from __future__ import annotations

Change = tuple[str, str, str, str]
"""Module, function, the line as it is, the line as the mutant has it."""

ALIAS = "ASCII and ascii are two names of one codec."
LENGTHS = "The lengths were compared just before, so there is nothing for `strict` to find."
SIGNATURE = (
    "Ed25519 refuses a signature of another length in the same words; its length is asked first for clarity."
)
ZIPPED = "for n, (entry, digest) in enumerate(zip(entries, expected.changes, {}):"
SIGNED = "return f\"{{signed}}.{{lines.b64u(key.sign(signed.encode('{}')))}}\""
CHECKED = 'key.verify(lines.unb64u(signature, {}), signed.encode("{}"))'
JUDGED = "outcome, record = _judge(proposal, trial, fallen.get(tx) if {} else None)"
UNNAMED = "No group is called None, so nothing is found under it."
SENT = "sent_on = record.acts if {} else ()"
ADDRESSED = (
    "A record that is there lands on one that is there, and what landed where it was addressed bears no address: "
    "the next line drops it."
)
AT_BASE = "at_base = [a for a in _acts_there(home, {}) if a.index <= act.base or a.before(act)]"
OWN_LIFE = "Voids and restores concern the record itself, so none of what an alias sent on is one."
FAULT = 'fault = proposal.fault or Fault("malformed", {})'
DETAIL = "The second word is told to people who read the log; an outcome has no place for it."
SPACE = 'return (rules.name, {} if rules.scope == "self" else root, value)'
ONE_SPACE = "The one space of a type that is its own root needs a name that is no record's id; which one, nobody sees."
FIRST = "first = min(self._bearers.get({}), {}) if {} else record.id"
NONE_BEARS = "key, frozenset()"
ALIAS_OF, KEYED = "alias = record.values.get(ALIAS) if {} else None", "rules.natural_key is not None"
ALIASED = "Only a type with a natural key has the field; the question spares the others a look."
BORNE = "Whoever has a key is among its bearers, so the default is never asked for."
KEYLESS = "Nobody bears the key None, so the default is taken, which is the same."
STANDS = "record = after if {} else records[bearer]"
AMONG = "What follows is among the records as it is now; the question spares a look."
TRIAL = "trial = desk.copy() if {} else desk"
TRIED = "A copy is judged on as the desk itself is; it is made only where a group may fall, as it costs."
BOTH = "if record is not None {} home is not None:"
EITHER = "What a change names and what it lands on are both there, or neither is."
ANSWER = 'if change.op != "resolve" {} record is None:'
NOBODYS = "The field is nobody's to write but by a resolve, which the rights say in the same words."
SPACES = (
    "spaces = {{natural_keys.space_of(one.root, {}, rules) for one in (record, target) if one is not None}}"
)
ONE_VALUE = "The two spaces are compared with each other, so any value will do as long as it is one."
HOME = 'assert home is not None, "{}"'
WORDS = "Words for whoever reads a broken assertion."
REASONS: dict[Change, str] = {
    **{
        ("receipt", "_entries", ZIPPED.format("strict=True)"), ZIPPED.format(other)): LENGTHS
        for other in ("strict=None)", ")", "strict=False)")
    },
    ("signing", "sign", SIGNED.format("ascii"), SIGNED.format("ASCII")): ALIAS,
    ("signing", "verify", CHECKED.format("length=64", "ascii"), CHECKED.format("length=64", "ASCII")): ALIAS,
    (
        "signing",
        "verify",
        CHECKED.format("length=64", "ascii"),
        CHECKED.format("length=None", "ascii"),
    ): SIGNATURE,
    ("signing", "verify", CHECKED.format("length=64", "ascii"), CHECKED.format("", "ascii")): SIGNATURE,
    ("reconcile", "_judge_set", JUDGED.format("tx"), JUDGED.format("(tx) or True")): UNNAMED,
    (
        "reconcile",
        "_judge_set",
        TRIAL.format("any(p.change and p.change.tx for p in group)"),
        TRIAL.format("(any(p.change and p.change.tx for p in group)) or True"),
    ): TRIED,
    ("reconcile", "_enforce", BOTH.format("and"), BOTH.format("or")): EITHER,
    ("reconcile", "_points_back", ANSWER.format("or"), ANSWER.format("and")): NOBODYS,
    **{
        ("reconcile", "_points_back", SPACES.format('""'), SPACES.format(other)): ONE_VALUE
        for other in ("None", '"XXXX"')
    },
    **{
        (
            "reconcile",
            "_acts_there",
            SENT.format("record is not None and record.id != home.id"),
            SENT.format(other),
        ): ADDRESSED
        for other in (
            "(record is not None and record.id != home.id) or True",
            "record is not None or record.id != home.id",
        )
    },
    ("reconcile", "_standing", AT_BASE.format("record"), AT_BASE.format("None")): OWN_LIFE,
    **{
        ("reconcile", "_judge", FAULT.format('""'), FAULT.format(other)): DETAIL
        for other in ("None", '"XXXX"')
    },
    ("natural_keys", "space_of", SPACE.format('""'), SPACE.format('"XXXX"')): ONE_SPACE,
    **{
        (
            "natural_keys",
            "Names._contest",
            FIRST.format(NONE_BEARS, "default=record.id", "key"),
            FIRST.format(*parts),
        ): why
        for *parts, why in (
            (NONE_BEARS, "default=None", "key", BORNE),
            (NONE_BEARS, "", "key", BORNE),
            ("key, None", "default=record.id", "key", BORNE),
            ("key, ", "default=record.id", "key", BORNE),
            (NONE_BEARS, "default=record.id", "(key) or True", KEYLESS),
        )
    },
    ("natural_keys", "pointed_to", ALIAS_OF.format(KEYED), ALIAS_OF.format(f"({KEYED}) or True")): ALIASED,
    (
        "natural_keys",
        "Names.settle",
        STANDS.format("bearer == after.id"),
        STANDS.format("(bearer == after.id) and False"),
    ): AMONG,
    **{
        (
            "rights",
            "check_rights",
            HOME.format("a change has a record or makes one"),
            HOME.format(other),
        ): WORDS
        for other in ("XXa change has a record or makes oneXX", "A CHANGE HAS A RECORD OR MAKES ONE")
    },
}
