"""How phone and ledger come to know each other: invites, requests, answers, and the key list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.vectors.fixed import (
    APP,
    EPOCH,
    LEDGER,
    LEDGER_PIN,
    LEDGER_PUBLIC,
    ORIGIN,
    RECOVERY_PUBLIC,
    START_MS,
    X25519,
    XWING,
    code_of,
    identity,
    parts,
    public,
    receiving_key,
    seed,
    signed,
)
from schemas.vectors.telling import Case
from schemas.vectors.tree import note
from schemas.wire.enrol import read_enrol, read_enrolled, read_invite
from schemas.wire.keys import read_keys
from sync import key_chain, lines, signing

CODE = lines.b64u(seed("invite", 16))
RECOVERY_PIN = lines.digest(RECOVERY_PUBLIC)
PHONE = "device that enrols"
DAY_MS = 86_400_000
Payload = dict[str, Any]


def make_invites() -> list[Case]:
    """Return texts of QR codes with what each holds, or the code with which it is refused."""
    rest = f"{CODE}.{LEDGER_PIN}.{RECOVERY_PIN}"
    texts = {
        "as it is shown": f"wardledger:https://ledger.example#{rest}",
        "its address alone": f"https://ledger.example#{rest}",
        "with a port and a path": f"wardledger:https://ledger.example:8480/luan#{rest}",
        "with a final slash": f"wardledger:https://ledger.example/#{rest}",
        "with blanks around it": f"  wardledger:https://ledger.example#{rest}\n",
        "without a code": f"wardledger:https://ledger.example#.{LEDGER_PIN}.{RECOVERY_PIN}",
        "with one pin": f"wardledger:https://ledger.example#{CODE}.{LEDGER_PIN}",
        "with a pin in capitals": f"wardledger:https://ledger.example#{rest.upper()}",
        "with a query": f"wardledger:https://ledger.example?a=1#{rest}",
        "of another scheme": f"wardledger:ftp://ledger.example#{rest}",
        "without its second part": "wardledger:https://ledger.example",
        "that is nothing": "",
    }
    cases = []
    for name, text in texts.items():
        code = code_of(read_invite, text)
        told: Case = {"name": name, "text": text, "code": code}
        if not code:
            found = read_invite(text)
            held = {"url": found.url, "code": found.code, "ledger": found.ledger, "recovery": found.recovery}
            told |= {"holds": held, "code_digest": found.code_digest}
        cases.append(told)
    return cases


# -- the request ---------------------------------------------------------------------------------------------


def request(receiving: str = XWING, **changed: Any) -> Payload:
    """Return the payload of a request; changed: members that are to be otherwise, None leaves one out."""
    found = {
        "v": 1,
        "origin": ORIGIN,
        "code": lines.digest(CODE.encode()),
        "sign_key": lines.b64u(public(PHONE)),
        "seal_key": lines.b64u(receiving_key(PHONE, receiving).public),
        "kem": receiving,
        "ledger_key": LEDGER_PIN,
        "app": APP,
        **changed,
    }
    return {name: value for name, value in found.items() if value is not None}


REQUESTS: Mapping[str, Payload] = {
    "with another key than the one it is signed by": {"sign_key": lines.b64u(public("another"))},
    "with a receiving key of another KEM": {"kem": X25519},
    "with a KEM that there is not": {"kem": "kyber"},
    "with the code itself": {"code": CODE},
    "without an app": {"app": None},
    "with a time": {"time": START_MS},
    "of another version": {"v": 2},
}


def make_requests() -> list[Case]:
    """Return requests that a phone signs by its new key; from the same invite and keys they are the same bytes."""
    given = {f"under {kem}": signed(signing.ENROL, request(kem), PHONE) for kem in (XWING, X25519)}
    given |= {name: signed(signing.ENROL, request(**spoilt), PHONE) for name, spoilt in REQUESTS.items()}
    given |= {"of another typ": signed(signing.STATEMENT, request(), PHONE)}
    about = {
        "sign_seed": seed(f"sign {PHONE}").hex(),
        "code_text": CODE,
        "origin": ORIGIN,
        "ledger_pin": LEDGER_PIN,
    }
    return [
        {"name": name, "token": parts(token), **about, "app": APP, "code": code_of(read_enrol, token)}
        for name, token in given.items()
    ]


# -- the answer ------------------------------------------------------------------------------------------------


def make_answers() -> list[Case]:
    """Return answers to a request, and the code of each that is not the ledger's answer to it."""
    asked = signed(signing.ENROL, request(), PHONE)
    good = {
        "v": 1,
        "origin": ORIGIN,
        "request": lines.digest(asked.encode()),
        "device": identity(PHONE),
        "user": identity("who enrols"),
        "epoch": EPOCH,
        "checkpoint": note(),
        "time": START_MS,
    }
    given = {
        "the ledger's": signed(signing.ENROLLED, good),
        "with a member that a newer server adds": signed(signing.ENROLLED, {**good, "more": 1}),
        "to another request": signed(signing.ENROLLED, {**good, "request": "0" * 64}),
        "of another ledger": signed(signing.ENROLLED, {**good, "origin": "ledger.invalid/luan"}),
        "signed by somebody else": signed(signing.ENROLLED, good, "another"),
        "of another typ": signed(signing.STATEMENT, good),
        "without a device": signed(signing.ENROLLED, {k: v for k, v in good.items() if k != "device"}),
    }
    cases = []
    for name, token in given.items():
        code = code_of(read_enrolled, token, LEDGER.public_key(), origin=ORIGIN, request=asked)
        told: Case = {"name": name, "token": parts(token), "request": parts(asked), "origin": ORIGIN}
        told |= {"key": LEDGER_PUBLIC.hex(), "code": code}
        cases.append(told if code else {**told, "device": good["device"], "user": good["user"]})
    return cases


# -- the key list ------------------------------------------------------------------------------------------------


def key_list(**changed: Any) -> Payload:
    """Return a key list's payload; changed: members that are to be otherwise, None leaves one out."""
    opening = [receiving_key(f"opening {kem}", kem) for kem in (X25519, XWING)]
    found = {
        "v": 1,
        "origin": ORIGIN,
        "epoch": EPOCH,
        "iat": START_MS,
        "exp": START_MS + 7 * DAY_MS,
        "serial": 2,
        "opening": [{"kid": key.kid, "kem": key.kem, "key": lines.b64u(key.public)} for key in opening],
        "ledger": [lines.b64u(public("an older ledger key")), lines.b64u(LEDGER_PUBLIC)],
        "statements": [],
        "recovery": lines.b64u(RECOVERY_PUBLIC),
        "app": "ok",
        **changed,
    }
    return {name: value for name, value in found.items() if value is not None}


NEXT, AFTER = "the ledger key that follows", "the ledger key after it"


def statement(old: str, new: str, *, signer: str = "", **changed: Any) -> str:
    """Return the statement by which a ledger key introduces another; signer: whoever signs in its place."""
    raw = public(old)
    said = key_chain.payload(ORIGIN, before=signing.key_digest(raw), public=public(new), since=START_MS)
    return signed(
        signing.STATEMENT, {**said, **changed}, signer or old, signing.key_id(public(signer or old))
    )


def chained(*statements: str, **changed: Any) -> Payload:
    """Return a key list with three ledger keys and these statements."""
    raws = [LEDGER_PUBLIC, public(NEXT), public(AFTER)]
    listed = {"ledger": [lines.b64u(raw) for raw in raws], "statements": list(statements), "compromised": []}
    return key_list(**{**listed, **changed})


def chains() -> dict[str, tuple[Payload, str]]:
    """Return key lists by a later ledger key than the pinned one, and whose statements lead there or do not."""
    first, second = statement("ledger", NEXT), statement(NEXT, AFTER)
    device = signed(signing.STATEMENT, {"kind": "device", "v": 1})
    return {
        "by the key that follows": (chained(first), NEXT),
        "by the key after the next": (chained(first, second), AFTER),
        "by a key of the chain that is not its newest": (chained(first, second), NEXT),
        "with a statement about a device between": (chained(device, first), NEXT),
        "with a statement of an older key in front": (
            chained(statement("an older ledger key", "ledger"), first),
            NEXT,
        ),
        "by a key that nothing leads to": (chained(), NEXT),
        "with a gap in its chain": (chained(second), AFTER),
        "with a statement by somebody else": (chained(statement("ledger", NEXT, signer="another")), NEXT),
        "with a statement of another ledger": (
            chained(statement("ledger", NEXT, origin="ledger.invalid/luan")),
            NEXT,
        ),
        "with a statement of another version": (chained(statement("ledger", NEXT, v=2)), NEXT),
        "with a statement without a time": (chained(statement("ledger", NEXT, since="today")), NEXT),
        "with a statement that introduces no key": (chained(statement("ledger", NEXT, key="none")), NEXT),
        "with a chain that is a ring": (chained(first, statement(NEXT, "ledger")), NEXT),
        "whose pinned key was compromised": (chained(first, compromised=[LEDGER_PIN]), NEXT),
        "with a compromised key on the way": (
            chained(first, second, compromised=[signing.key_digest(public(NEXT))]),
            AFTER,
        ),
        "with a compromised key that is not on the way": (
            chained(first, compromised=[signing.key_digest(public("an older ledger key"))]),
            NEXT,
        ),
        "that calls a key compromised, and is nobody's": (
            chained(first, compromised=[LEDGER_PIN]),
            "another",
        ),
    }


def make_key_lists() -> list[Case]:
    """Return key lists, the `kid` that a phone seals to, and the code of each that is not the pinned key's."""
    x25519, xwing = key_list()["opening"]
    newer = {"kid": "0" * 16, "kem": "newer", "key": "AAAA"}
    given: Mapping[str, tuple[Payload, str]] = {
        "with a hybrid key": (key_list(), "ledger"),
        "without a hybrid key": (key_list(opening=[x25519]), "ledger"),
        "with a KEM that is not known": (key_list(opening=[newer, xwing]), "ledger"),
        "with a member that a newer server adds": (key_list(more=1), "ledger"),
        "with a word for the app that is not known": (key_list(app="dance"), "ledger"),
        "that does not name the pinned key": (key_list(ledger=[lines.b64u(public("another"))]), "another"),
        "signed by another of its keys": (key_list(), "an older ledger key"),
        "of unknown KEMs alone": (key_list(opening=[newer]), "ledger"),
        "with a key under another's kid": (key_list(opening=[{**xwing, "kid": x25519["kid"]}]), "ledger"),
        "with a key that does not fit its KEM": (key_list(opening=[{**x25519, "kem": XWING}]), "ledger"),
        "without an opening key": (key_list(opening=[]), "ledger"),
        "without an end": (key_list(exp=None), "ledger"),
        **chains(),
    }
    cases = []
    for name, (payload, label) in given.items():
        token = signed(signing.KEYS, payload, label)
        code = code_of(read_keys, token, LEDGER_PIN)
        told: Case = {"name": name, "token": parts(token), "pin": LEDGER_PIN, "code": code}
        if not code:
            found = read_keys(token, LEDGER_PIN)
            told |= {"seals_to": found.opening_key().kid, "app": found.app, "pinned": found.ledger.hex()}
            told["chain"] = [raw.hex() for raw in found.chain]
        cases.append(told)
    return cases
