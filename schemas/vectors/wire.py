"""Lines, encodings and signatures: what every other message is made of, sound and spoilt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.vectors.fixed import (
    APP,
    EPOCH,
    LEDGER_PIN,
    ORIGIN,
    START_MS,
    code_of,
    flipped,
    identity,
    loose,
    parts,
    public,
    seed,
    sign_key,
    signed,
)
from schemas.vectors.telling import Case
from schemas.wire.change_set import read_manifest
from sync import changes, lines, signing
from sync.changes import Manifest, Seen

TYPS = (
    signing.MANIFEST, signing.PROOF, signing.ENROL, signing.ENROLLED, signing.RECEIPT, signing.KEYS, signing.FEED,
    signing.STATEMENT,
)  # fmt: skip
DEVICE = identity("device of the wire")
KEY = "device of the wire"


def nested(depth: int) -> str:
    """Return a line whose innermost member lies so many objects deep."""
    return '{"a":' * depth + "1" + "}" * depth


LINES: dict[str, str | bytes] = {
    "an empty object": "{}",
    "keys in order of their code points": '{"A":1,"B":2,"_":3,"a":{"b":[],"c":{}}}',
    "every kind of value": '{"array":[1,"b",[],{}],"false":false,"null":null,"number":-126000,"text":"测","true":true}',
    "the largest and the smallest integer": '{"high":9007199254740991,"low":-9007199254740991}',
    "short escapes": '{"a":"\\"\\\\\\b\\f\\n\\r\\t"}',
    "a control character as six characters": '{"a":"\\u0000\\u001f"}',
    "no escape where none is needed": '{"a":"/\u007f\u2028\u2029\ufeff"}',
    "a character beyond the first plane": '{"a":"\U0001f3e5"}',
    "a key that scripts trip over": '{"__proto__":1,"constructor":2}',
    "nesting at the limit": nested(lines.DEPTH_MAX),
    "an empty object at the limit": nested(lines.DEPTH_MAX).replace("1", "{}"),
    "a key of 128 characters": '{"' + "k" * 128 + '":1}',
    "keys out of order": '{"b":1,"a":2}',
    "a key twice": '{"a":1,"a":1}',
    "a key twice, hidden by an escape": '{"a":1,"\\u0061":1}',
    "a blank": '{"a": 1}',
    "a final line feed": '{"a":1}\n',
    "a byte order mark": "\ufeff{}",
    "a fraction": '{"a":1.5}',
    "a fraction that is whole": '{"a":1.0}',
    "an exponent": '{"a":1e3}',
    "minus nothing": '{"a":-0}',
    "a leading zero": '{"a":01}',
    "a number beyond every double": '{"a":1e400}',
    "not a number": '{"a":NaN}',
    "an integer of 2^53": '{"a":9007199254740992}',
    "an integer that a double would round": '{"a":9007199254740993}',
    "an integer of minus 2^53": '{"a":-9007199254740992}',
    "an escape that is not needed": '{"a":"\\u00e9"}',
    "an escaped slash": '{"a":"\\/"}',
    "upper case in an escape": '{"a":"\\u001F"}',
    "a lone surrogate": '{"a":"\\ud83c"}',
    "a surrogate pair as escapes": '{"a":"\\ud83c\\udfe5"}',
    "nesting beyond the limit": nested(lines.DEPTH_MAX + 1),
    "a text beyond the limit": nested(lines.DEPTH_MAX + 1).replace("1", '"x"'),
    "nesting that no parser should follow": nested(8_000),
    "a key that is not plain": '{"ä":1}',
    "an empty key": '{"":1}',
    "a key of 129 characters": '{"' + "k" * 129 + '":1}',
    "an array": "[1]",
    "a text alone": '"a"',
    "nothing": "",
    "two objects": "{}{}",
    "half an object": '{"a":1',
    "bytes that are not UTF-8": b'{"a":"\xff"}',
    "an overlong encoding": b'{"a":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"a":"\xed\xa0\xbc"}',
}


def make_lines() -> list[Case]:
    """Return lines with the digest of each that is sound, and the code of each that is not."""
    cases: list[Case] = []
    for name, line in LINES.items():
        raw = line if isinstance(line, bytes) else line.encode()
        given = {"hex": raw.hex()} if isinstance(line, bytes) else {"text": line}
        code = code_of(lines.decode, raw)
        cases.append({"name": name, **given, "code": code, "digest": None if code else lines.digest(raw)})
    for name, count in (
        ("a line of 64 KiB", lines.LINE_BYTES_MAX),
        ("one byte more", lines.LINE_BYTES_MAX + 1),
    ):
        before, after = '{"a":"', '"}'
        fill: Case = {"before": before, "fill": "x", "times": count - len(before + after), "after": after}
        raw = f"{before}{'x' * fill['times']}{after}".encode()
        code = code_of(lines.decode, raw)
        cases.append({"name": name, **fill, "code": code, "digest": None if code else lines.digest(raw)})
    return cases


def make_encodings() -> list[Case]:
    """Return base64url texts: the bytes of each that is sound, the code of each that is not."""
    texts = ["", "AA", "AAA", "AAAA", "-_-_", "A", "AA==", "AB", "AAB", "+/+/", "AA A", "AAAA\n", "ä"]
    cases = []
    for text in texts:
        code = code_of(lines.unb64u, text)
        cases.append(
            {
                "name": repr(text),
                "text": text,
                "code": code,
                "hex": None if code else lines.unb64u(text).hex(),
            }
        )
    return cases


FRAMES = {
    "two lines": "first\n{}\n",
    "one line": "first\n",
    "a line in which an LF is written as an escape": 'first\n{"a":"\\n"}\n',
    "no final line feed": "first\n{}",
    "an empty line": "first\n\n{}\n",
    "an empty line at the end": "first\n{}\n\n",
    "an empty first line": "\n{}\n",
    "carriage returns": "first\r\n{}\r\n",
    "a byte order mark": "\ufefffirst\n{}\n",
    "a first line that is not ASCII": "ä\n{}\n",
    "nothing": "",
}


def make_frames() -> list[Case]:
    """Return texts as they may be cut into lines, and the code of each that is not lines ended by LF."""
    cases = []
    for name, text in FRAMES.items():
        code = code_of(changes.split_text, text.encode())
        rows = None if code else [row.decode() for row in changes.split_text(text.encode())[1]]
        cases.append({"name": name, "text": text, "code": code, "rows": rows})
    return cases


# -- signatures ----------------------------------------------------------------------------------------


def make_signatures() -> list[Case]:
    """Return one good token of each typ, and every way in which a token does not hold."""
    good = [_token(typ, signed(typ, {"n": 1, "typ": typ}, KEY, kid=DEVICE), typ) for typ in TYPS]
    token = signed(signing.STATEMENT, {"n": 1}, KEY)
    head, body, mark = parts(token)
    cases = [
        _token("a token of another typ", token, signing.RECEIPT),
        _token("another key's", token, signing.STATEMENT, key="another"),
        _token("a payload that was altered", f"{head}.{lines.b64u(lines.encode({'n': 2}))}.{mark}"),
        _token("a signature that was altered", f"{head}.{body}.{lines.b64u(flipped(lines.unb64u(mark)))}"),
        _token("a signature that was cut", f"{head}.{body}.{mark[:-4]}"),
        _token("no signature", f"{head}.{body}."),
        _token("two parts", f"{head}.{body}"),
        _token("four parts", f"{token}.{mark}"),
        _token("another alphabet", f"{head}.{body}.{mark}".replace("_", "/").replace("-", "+") + "="),
        _token("the payload's last bits are not zero", f"{head}.{loose(body)}.{mark}"),
    ]
    return [*good, *cases, *(_token(name, _headed(made)) for name, made in HEADERS.items())]


HEADERS: dict[str, bytes] = {
    "no algorithm": lines.encode({"alg": "none", "kid": "k", "typ": signing.STATEMENT}),
    "a shared secret's algorithm": lines.encode({"alg": "HS256", "kid": "k", "typ": signing.STATEMENT}),
    "a member too many": lines.encode({"alg": "EdDSA", "crit": [], "kid": "k", "typ": signing.STATEMENT}),
    "no key id": lines.encode({"alg": "EdDSA", "typ": signing.STATEMENT}),
    "a key id that is none": lines.encode({"alg": "EdDSA", "kid": 1, "typ": signing.STATEMENT}),
    "a header out of order": b'{"typ":"wl-statement","kid":"k","alg":"EdDSA"}',
    "a header with blanks": b'{"alg": "EdDSA","kid":"k","typ":"wl-statement"}',
}


def _headed(header: bytes) -> str:
    text = f"{lines.b64u(header)}.{lines.b64u(lines.encode({'n': 1}))}"
    return f"{text}.{lines.b64u(sign_key(KEY).sign(text.encode()))}"


def _token(name: str, token: str, typ: str = signing.STATEMENT, key: str = KEY) -> Case:
    code = code_of(signing.verify, token, typ, sign_key(key).public_key())
    told = {"name": name, "token": parts(token), "typ": typ, "key": public(key).hex(), "code": code}
    return (
        told if code else {**told, "kid": signing.peek(token, typ)[0], "payload": signing.peek(token, typ)[1]}
    )


def make_proofs() -> list[Case]:
    """Return proofs of one request, and the code of each that does not hold for it."""
    url, now = "https://ledger.example/v1/feed?after=AA&limit=200", START_MS
    key = sign_key(KEY)

    def proof(**said: Any) -> str:
        return signing.request_proof(
            key, **{"device": DEVICE, "method": "GET", "url": url, "now_ms": now, **said}
        )

    given = {
        "the request's own": proof(),
        "five minutes old": proof(now_ms=now - 300_000),
        "five minutes ahead": proof(now_ms=now + 300_999),
        "a second more than five minutes old": proof(now_ms=now - 301_000),
        "a second more than five minutes ahead": proof(now_ms=now + 301_000),
        "for another method": proof(method="POST"),
        "for another query": proof(url=url.replace("200", "100")),
        "for another host": proof(url=url.replace("ledger.example", "ledger.invalid")),
        "without a time": signed(signing.PROOF, {"htm": "GET", "htu": url}, KEY, kid=DEVICE),
        "with a time that is none": signed(
            signing.PROOF, {"htm": "GET", "htu": url, "iat": True}, KEY, kid=DEVICE
        ),
        "a token of another typ": signed(
            signing.MANIFEST, {"htm": "GET", "htu": url, "iat": now // 1000}, KEY
        ),
    }
    about = {"method": "GET", "url": url, "now_ms": now, "key": public(KEY).hex()}
    return [
        {
            "name": name,
            "token": parts(token),
            **about,
            "code": code_of(signing.check_proof, token, key.public_key(), method="GET", url=url, now_ms=now),
        }
        for name, token in given.items()
    ]


# -- manifests ---------------------------------------------------------------------------------------------


def manifest(seq: int, prev: str, changed: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a manifest's payload; changed: members that are to be otherwise, None leaves one out."""
    found = Manifest(
        origin=ORIGIN,
        device=DEVICE,
        seq=seq,
        prev=prev,
        count=1,
        root=changes.root_hex([f'{{"n":{seq}}}'.encode()]),
        made_at=START_MS + seq,
        app=APP,
        schema=1,
        ledger_key=LEDGER_PIN,
        seen=Seen(EPOCH, seq, seed("root").hex()) if seq > 1 else None,
    )
    return {
        name: value for name, value in {**found.payload(), **(changed or {})}.items() if value is not None
    }


def chained(
    count: int, spoil: Callable[[int, dict[str, Any]], dict[str, Any]] = lambda _, one: one
) -> list[str]:
    """Return the manifests of a device's first sets."""
    prev, chain = lines.ZERO_DIGEST, []
    for seq in range(1, count + 1):
        jws = signed(signing.MANIFEST, spoil(seq, manifest(seq, prev)), KEY, kid=DEVICE)
        chain.append(jws)
        prev = lines.digest(jws.encode())
    return chain


FORMS: dict[str, dict[str, Any]] = {
    "of another version": {"v": 2},
    "for an origin without a path": {"origin": "ledger.example"},
    "of a device in capitals": {"device": DEVICE.upper()},
    "with seq 0": {"seq": 0},
    "with a seq that is true": {"seq": True},
    "without prev": {"prev": None},
    "over no change": {"count": 0},
    "over 1,001 changes": {"count": 1_001},
    "with a short root": {"root": "00"},
    "made in the year 2100": {"made_at": 4_102_444_800_001},
    "with an app that is no word": {"app": "an app"},
    "with a member too many": {"more": 1},
    "with a checkpoint that lacks its root": {"seen": {"epoch": EPOCH, "size": 1}},
}


def make_manifests() -> list[Case]:
    """Return a chain that joins, chains that do not, and manifests that have not their form."""
    joined = chained(3)
    breaks = {
        "a chain of three": (joined, None),
        "a set is missing": ([joined[0], joined[2]], 2),
        "it does not begin": (joined[1:], 1),
        "two sets carry one seq": ([joined[0], joined[0]], 2),
        "the second goes on from nothing": (
            chained(2, lambda seq, one: {**one, "prev": lines.ZERO_DIGEST} if seq == 2 else one), 2,
        ),
        "the second is another device's": (
            chained(2, lambda seq, one: {**one, "device": identity("another")} if seq == 2 else one), 2,
        ),
    }  # fmt: skip
    cases: list[Case] = [
        {
            "name": name,
            "chain": [parts(jws) for jws in chain],
            "key": public(KEY).hex(),
            "digests": [lines.digest(jws.encode()) for jws in chain],
            "breaks_at": place,
        }
        for name, (chain, place) in breaks.items()
    ]
    for name, spoilt in FORMS.items():
        jws = signed(signing.MANIFEST, manifest(1, lines.ZERO_DIGEST, spoilt), KEY, kid=DEVICE)
        code = code_of(read_manifest, jws)
        cases.append({"name": name, "manifest": parts(jws), "key": public(KEY).hex(), "code": code})
    return cases
