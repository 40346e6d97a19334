"""The whole surface over HTTP: sets in their pipeline, every route, every form, files by tus. Never a 500."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, unquote

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.ledger.audit import audit
from sync import lines, signing
from sync.errors import Refusal
from tests.bad_input.scene import Scene
from tests.fuzz import valid
from tests.fuzz.mutations import ODD, TOKENS, Spoiler, spelt, spoil_tree, spoilt_lines
from tests.fuzz.runs import Check, Target
from tests.intake.caller import PART, Caller, caller
from tests.server.builders import URL, install
from tests.server.desk_client import Desk
from tests.server.pushing import City
from tests.server.world import World, build
from tests.services.postgres import PostgresServer

OWN_ID = re.compile(rb"01900000-0000-7000-8000-00000000([0-9a-f]{4})")
FRESH_FROM = 1000
"""Ids of valid messages from here on are made anew for each example: they name what the message creates."""
DOWN = (503,)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")


@dataclass
class Site:
    """A served world with a phone of its member and its desk, and the ids by which examples name what is there."""

    world: World
    phone: Caller
    desk: Desk
    tried: int = 0
    uploads: dict[str, int] = field(default_factory=dict)

    def names(self) -> dict[str, str]:
        """Return {word in braces: id of something that is there}."""
        here = self.world
        return {
            "evidence": here.evidence[0], "finding": here.finding, "inspection": here.inspection,
            "ward_round": here.ward_round, "bed_check": here.checks[0], "institution": here.hospital,
            "encounter": here.encounters[0], "user": here.users["lead"], "device": self.phone.id,
            "version": str(here.record(here.evidence[0]).version), "digest": "0" * 64,
        }  # fmt: skip

    def filled(self, text: str) -> str:
        """Return a text with its words in braces replaced."""
        if "{" in text:
            for word, key in self.names().items():
                text = text.replace('"{version}"', "{version}").replace("{" + word + "}", key)
        return text

    def own(self, raw: bytes) -> bytes:
        """Return a set's lines with this world's ids in place of those that stand for them, and with fresh ones."""
        self.tried += 1
        known = {
            valid.named()[word].encode(): key.encode()
            for word, key in self.names().items()
            if word in valid.named()
        }

        def put(match: re.Match[bytes]) -> bytes:
            if int(match[1], 16) < FRESH_FROM:
                return known.get(match[0], match[0])
            return b"01900000-0000-7000-8000-" + f"{self.tried:08x}".encode() + match[1]

        return OWN_ID.sub(put, raw)


def site(folder: Path, url: str) -> Site:
    """Return a served world over a database."""
    installation = install(folder / "home", url)
    # What a view does not expect must be seen where it happened, not as a 500.
    installation.app.config["PROPAGATE_EXCEPTIONS"] = True
    world = build(installation, beds=2, photos=1)
    return Site(world, caller(installation, world.users["lead"]), Desk(world, "supervisor"))


def served(
    check: Callable[[Site, bytes], None], *, postgres: bool = False
) -> Callable[[Path], AbstractContextManager[Check]]:
    """Return what opens a served world for a check; in the end its ledger must audit."""

    @contextmanager
    def make(folder: Path) -> Iterator[Check]:
        with databases(folder, postgres=postgres) as url:
            here = site(folder, url)
            yield lambda raw: check(here, raw)
            report = audit(here.world.services)
            here.world.services.engine.dispose()
            assert report.ok, report.text()

    return make


@contextmanager
def databases(folder: Path, *, postgres: bool) -> Iterator[str]:
    """Yield the URL of an empty database."""
    if not postgres:
        yield f"sqlite:///{folder / 'ledger.db'}"
        return
    with PostgresServer() as server:
        yield server.create_database()


def is_answered(answer: TestResponse) -> None:
    """Hold an answer to what every answer must be: no fault of ours, and a problem where it is one."""
    assert answer.status_code < 500 or answer.status_code in DOWN, answer.status
    if answer.content_type == "application/problem+json" and answer.data:
        body = answer.get_json()
        assert {"code", "status", "title", "next"} <= set(body)
        assert body["status"] == answer.status_code


# -- a phone's sets, through the whole pipeline ------------------------------------------------------------------


def pushed(here: Site, raw: bytes) -> None:
    """Any lines in a set that is signed and sealed as it must be: taken, with one entry for each of its changes."""
    rows = [row for row in here.own(raw).split(b"\n") if row]
    scene = Scene(City(here.world.installation, "", "", "", ()), here.phone)  # type: ignore[arg-type]
    chosen = [row for row in rows if b'"kind":' not in row or b'"op":' in row]
    jws = scene.restate(here.phone.manifest([(row, ()) for row in chosen]), count=max(1, len(chosen)))
    text = jws.encode() + b"\n" + b"".join(row + b"\n" for row in rows)
    answer = here.phone.post(*here.phone.sealed(text))
    is_answered(answer)
    assert answer.status_code == 201, answer.get_json(silent=True)
    here.phone.moved(text)
    _, payload = signing.peek(answer.get_data(as_text=True), signing.RECEIPT)
    assert payload["last"] - payload["first"] + 1 == len(payload["entries"])
    if not all(b'"verdict":"refused"' in entry.encode() for entry in payload["entries"]):
        raise_if_none_is_in_force(payload["entries"])


def raise_if_none_is_in_force(entries: list[str]) -> None:
    """Count a set of which nothing came into force as refused."""
    verdicts = [lines.decode(entry.encode(), bytes_max=65_535)["outcome"]["verdict"] for entry in entries]
    if set(verdicts) <= {"refused", "held", "late", "same"}:
        raise Refusal(f"nothing in force: {verdicts}")


# -- any request to any route ------------------------------------------------------------------------------------


WORDS = (
    *(f"{{{word}}}" for word in ("evidence", "finding", "inspection", "ward_round", "bed_check", "institution",
                                 "encounter", "user", "device")),
    "0", "1", "-1", "x001", "000", "000.p/1", "255.p/255", "checkpoint", "entries", "x" * 300, "床", "\x00", "%00",
    "..", "a/b", ".", "0" * 64, "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "'", '"><x>', "{}",
)  # fmt: skip
IDS = 9
"""How many of WORDS stand for the ids of what is there."""
APT = (
    ("evidence", "{evidence}"), ("finding", "{finding}"), ("round", "{ward_round}"), ("records", "evidence"),
    ("types", "finding"), ("files", "{digest}"), ("tile", "0"),
)  # fmt: skip
QUERIES = (
    "after", "limit", "seen", "stage", "state", "bed", "width", "index", "from", "to", "next", "page", "q",
    "region", "institution", "kind", "lang", "inspection", "id", "version", "selected", "code", "on", "day",
)  # fmt: skip
VALUES = (
    *WORDS, "approved", "pending_review", "draft", "2026-11-17", "2026-02-30", "9" * 30, "1e9", "0.5", "١٢", "zh", "en",
    "https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test", "true", "", valid.CURSOR,
)  # fmt: skip
HEADERS = (
    "Accept", "Accept-Language", "Content-Type", "Cookie", "Host", "If-None-Match", "Origin", "Range", "Referer",
    "If-Range", "Tus-Resumable", "Upload-Checksum", "Upload-Length", "Upload-Metadata", "Upload-Offset",
    "Wardledger-Checkpoint", "Wardledger-Device", "Wardledger-Key", "X-CSRFToken", "X-Forwarded-For",
    "X-HTTP-Method-Override",
)  # fmt: skip
HEADER_VALUES = (
    *VALUES, "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/vnd.wardledger.change-set", "application/jose", PART, "bytes=0-1", "bytes=5-1,-9", "text/html;q=x",
    "sha256 AAAA", "digest MDA=", "a=b; wardledger=.eJx", "zh-CN,zh;q=0.9", "*",
)  # fmt: skip
BODIES = (
    b"", b"{}", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"a=1&a=2&%ff=%zz", b"--x\r\n\r\n--x--",
    *(text.encode() for text in (valid.CURSOR,)), b"x" * 70_000,
)  # fmt: skip
FORMS: tuple[dict[str, Any], ...] = (
    {"version": "{version}", "decision": "approve", "reason": "blurred", "sentence": "请重拍"},
    {"act": "approve", "version": "{version}"},
    {"version": 1, "served_on": "2026-11-17", "working_days": 15, "due_on": "2026-12-08"},
    {"act": "return", "version": "{version}", "reason": "blurred", "note": "请重拍"},
    {"login": "supervisor", "password": "x", "username": "supervisor", "next": "/evidence"},
    {"language": "en", "next": "/"},
)


def any_request(random: Random) -> bytes:
    """Return a request as JSON: which route, how it is filled in, what goes with it, and who sends it."""
    picked = {random.choice(QUERIES): random.choice(VALUES) for _ in range(random.choice((0, 0, 1, 2, 4)))}
    headers = {
        random.choice(HEADERS): random.choice(HEADER_VALUES) for _ in range(random.choice((0, 0, 1, 3)))
    }
    kind = random.choice(("none", "json", "form", "raw"))
    form = spoil_tree(random, random.choice(FORMS))
    raw = {"none": b"", "json": spelt(form), "raw": random.choice((*BODIES, *TOKENS))}.get(kind, b"")
    told = {
        "rule": random.randrange(10_000),
        "method": random.choice(METHODS) if random.random() < 0.15 else "",
        "args": [random.choice(WORDS[:IDS] if random.random() < 0.6 else WORDS) for _ in range(3)],
        "apt": random.random() < 0.5,
        "query": picked,
        "headers": headers,
        "kind": kind,
        "body": base64.b64encode(raw).decode(),
        "form": {writable(k): writable(v) for k, v in form.items()}
        if kind == "form" and type(form) is dict
        else {},
        "who": random.choice(("", "", "", "phone", "desk", "nobody")),
    }
    return json.dumps(told).encode()


def writable(value: Any) -> str:
    """Return a value as a text that a form can carry."""
    return str(value).encode("utf-8", "replace").decode()


def asked(here: Site, raw: bytes) -> None:
    """Any request to any route, by a phone, the desk or nobody, is answered."""
    told = json.loads(raw)
    rules = sorted(
        here.world.installation.app.url_map.iter_rules(), key=lambda rule: (rule.rule, str(rule.methods))
    )
    rule = rules[told["rule"] % len(rules)]
    first = [word for part, word in APT if told["apt"] and part in rule.rule]
    args = iter([*first[:1], *told["args"]])
    path = re.sub(r"<[^>]+>", lambda _: quote(here.filled(next(args, "x")), safe="/"), rule.rule)
    query = "&".join(f"{name}={quote(here.filled(value))}" for name, value in told["query"].items())
    methods = sorted((rule.methods or {"GET"}) - {"OPTIONS"}) or ["OPTIONS"]
    method = told["method"] or methods[told["rule"] % len(methods)]
    headers = {name: clean(here.filled(value)) for name, value in told["headers"].items()}
    if rule.rule == "/sign-out" or (rule.rule == "/api/session" and method == "DELETE"):
        headers["X-CSRFToken"] = "stale"  # the desk of all later examples stays signed in
    body: dict[str, Any] = {
        "data": here.filled(base64.b64decode(told["body"]).decode("latin-1")).encode("latin-1")
    }
    if told["kind"] == "json":
        headers.setdefault("Content-Type", "application/json")
    if told["kind"] == "form":
        body = {"data": {name: here.filled(value) for name, value in told["form"].items()}}
    who = told["who"] or ("phone" if rule.rule.startswith("/v1/") else "desk")
    is_answered(send(here, who, method, f"{path}?{query}" if query else path, headers, body))


def send(
    here: Site, who: str, method: str, target: str, headers: dict[str, str], body: dict[str, Any]
) -> TestResponse:
    """Send a request as one of three."""
    client: FlaskClient = here.world.installation.app.test_client()
    if who == "phone":
        path, _, query = target.partition("?")
        signed = f"{URL}{unquote(path)}" + (f"?{query}" if query else "")
        headers |= here.phone.proof(method, "", url=signed)
    elif who == "desk":
        client = here.desk.client
        headers.setdefault("X-CSRFToken", here.desk.token())
        headers.setdefault("Referer", URL)
    return client.open(target, method=method, headers=headers, buffered=True, **body)


def clean(value: str) -> str:
    """Return a header's value without what a client could not send."""
    return value.replace("\r", "").replace("\n", "").encode("latin-1", "replace").decode("latin-1")


# -- files by tus ------------------------------------------------------------------------------------------------


TUS = {"Tus-Resumable": "1.0.0"}


def any_upload(random: Random) -> bytes:
    """Return the steps of an upload as JSON: sound ones, and ones that no client should take."""
    whole = random.randbytes(random.choice((0, 1, 60, 300)))
    digest = lines.digest(whole)
    sound = {
        **TUS,
        "Upload-Length": str(len(whole)),
        "Upload-Metadata": f"digest {base64.b64encode(digest.encode()).decode()}",
    }
    steps: list[dict[str, Any]] = [{"method": "POST", "headers": _spoilt_headers(random, sound)}]
    at = 0
    for _ in range(random.randint(0, 4)):
        part = whole[at : at + random.choice((1, 40, 300))]
        given = {**TUS, "Content-Type": PART, "Upload-Offset": str(at)}
        if random.random() < 0.3:
            given["Upload-Checksum"] = (
                f"sha256 {base64.b64encode(bytes.fromhex(lines.digest(part))).decode()}"
            )
        method = random.choice(("PATCH", "PATCH", "PATCH", "HEAD", "DELETE", "GET"))
        steps.append({"method": method, "headers": _spoilt_headers(random, given), "body": part.hex()})
        at += len(part) if method == "PATCH" else 0
    return json.dumps(steps).encode()


def _spoilt_headers(random: Random, headers: dict[str, str]) -> dict[str, str]:
    if random.random() < 0.6:
        return headers
    name = random.choice(sorted(headers))
    odd = [str(value) for value in ODD if isinstance(value, str | int | float)]
    return headers | {name: random.choice((*odd, *HEADER_VALUES, headers[name] + ",x", " " + headers[name]))}


def uploaded(here: Site, raw: bytes) -> None:
    """Any steps of an upload are answered, and its offset never lies: it is what was kept, at most its size."""
    path = ""
    for step in json.loads(raw):
        headers = {name: clean(value) for name, value in step["headers"].items()}
        target = path or "/v1/files"
        if step["method"] == "POST":
            target, headers = "/v1/files", headers | here.phone.proof("POST", "/v1/files")
        client = here.world.installation.app.test_client()
        answer = client.open(
            target, method=step["method"], headers=headers, data=bytes.fromhex(step.get("body", ""))
        )
        is_answered(answer)
        if step["method"] == "POST" and answer.status_code == 201:
            path = answer.headers["Location"].removeprefix(URL)
        elif not path:
            raise Refusal("no upload was created")
        if step["method"] == "HEAD" and answer.status_code == 200:
            assert 0 <= int(answer.headers["Upload-Offset"]) <= int(answer.headers["Upload-Length"])


SETS: Spoiler = spoilt_lines(valid.sets())
TARGETS = (
    Target("set through the pipeline", SETS, served(pushed), 4.0),
    Target("any request", any_request, served(asked), 6.0),
    Target("upload", any_upload, served(uploaded), 2.0),
)
ON_POSTGRES = (
    Target("set through the pipeline, PostgreSQL", SETS, served(pushed, postgres=True), 2.0),
    Target("any request, PostgreSQL", any_request, served(asked, postgres=True), 3.0),
)
