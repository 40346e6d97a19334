"""A ledger in memory, made of the pure core alone: what a phone is tested against without a server.

It speaks the phones' HTTP through httpx.MockTransport. `before` and `after` are called around every
request, so that a test can cut the line; `spoil` holds functions that falsify what is about to be signed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mobile_stub.composing import compose
from mobile_stub.evidence_files import TUS
from schemas.drafting import Draft
from schemas.records import RULES, TYPES
from schemas.wire.change_set import read_set
from schemas.wire.enrol import Invite, read_enrol
from sync import changes, checkpoint, envelope, errors, lines, merge, merkle, receipt, signing
from sync.changes import At, Change
from sync.checkpoint import Checkpoint
from sync.entries import Entry
from sync.ids import conflict_id, uuid7
from sync.merge import Record
from sync.reconcile import Proposal, States, reconcile
from sync.rules import Grants

ORIGIN = "ledger.example/luan"
URL = "http://ledger.example"
START_MS = 1_795_000_000_000
Spoil = Callable[[Any], Any]


def same(value: Any) -> Any:
    return value


@dataclass
class Device:
    """An enrolled phone as the ledger knows it."""

    id: str
    user: str
    sign_key: bytes
    seal_key: bytes
    kem: str
    request: str
    answer: str
    seq: int = 0
    digest: str = lines.ZERO_DIGEST
    revoked: bool = False


@dataclass
class Upload:
    """A tus upload in progress."""

    digest: str
    length: int
    content: bytearray = field(default_factory=bytearray)


class FakeLedger:
    """See the module."""

    def __init__(self, *, epoch: str = "ab" * 16):
        self.key = Ed25519PrivateKey.generate()
        self.recovery = os.urandom(32)
        self.opening = [self._opening(envelope.XWING), self._opening(envelope.X25519)]
        self.retired: set[str] = set()
        self.serial = 2
        self.epoch = epoch
        self.now_ms = START_MS
        self.log: list[bytes] = []
        self.records: dict[str, Record] = {}
        self.bodies: dict[str, Change] = {}
        self.last_entry: dict[str, int] = {}
        self.grants = Grants()
        self.used: dict[str, str] = {}
        self.devices: dict[str, Device] = {}
        self.receipts: dict[tuple[str, int], tuple[str, str]] = {}
        self.uploads: dict[str, Upload] = {}
        self.stored: dict[str, bytes] = {}
        self.catalogues: dict[str, bytes] = {}
        self.quarantine: list[int] = []
        self.evictions: list[tuple[int, str]] = []
        self.invites: dict[str, str] = {}
        self.requests: list[str] = []
        self.before: Callable[[httpx.Request], None] = same
        self.after: Callable[[httpx.Request, httpx.Response], httpx.Response | None] = lambda _, answer: None
        self.spoil: dict[str, Spoil] = {}
        self.page = 100

    @staticmethod
    def _opening(kem: str) -> envelope.OpeningKey:
        return envelope.opening_key(kem, os.urandom(envelope.SEED_BYTES[kem]))

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.answer))

    # -- the desk ------------------------------------------------------------------------------------

    def invite(self, user: str) -> Invite:
        code = os.urandom(16).hex()
        self.invites[hashlib.sha256(code.encode()).hexdigest()] = user
        public = signing.public_raw(self.key)
        return Invite(URL, code, signing.key_digest(public), lines.digest(self.recovery))

    def act(self, op: str, kind: str, record: str | None = None, *, by: str = "machine", **wish: Any) -> str:
        """Let the desk or the machine make a change; returns the record's id."""
        record = record or uuid7(self.now_ms, os.urandom)
        known = self.records.get(record)
        base = (self.epoch, known.version) if known else None
        change = compose(
            Draft(op, kind, record, wish.pop("set", {}), base=base, **wish), At(self.now_ms), os.urandom
        )
        writer = "machine" if by == "machine" else f"desk:{by}"
        entries = self.commit(
            [Proposal(len(self.log), by, writer, 0, 0, uuid7(0, os.urandom), change)], [change.digest], by=by
        )
        verdict = json.loads(entries[0])["outcome"]
        assert verdict["verdict"] not in ("refused", "held", "late"), verdict
        return record

    def user(self, *roles: str) -> str:
        values = {"login": "a", "display_name": "测试甲001", "region": "341500"}
        return self.act("create", "user", set=values, add={"roles": list(roles)})

    def commit(
        self, proposals: Sequence[Proposal], digests: Sequence[str], *, by: str, manifest: str | None = None
    ) -> list[bytes]:
        judged = reconcile(proposals, self.records, RULES, self.grants, States(self.epoch, self.used))
        self.grants = judged.grants
        made = []
        for proposal, outcome, after in zip(proposals, judged.outcomes, judged.afters, strict=True):
            change, salt = proposal.change, lines.b64u(os.urandom(16))
            entry = Entry(
                at=self.now_ms,
                kind="change",
                by=by,
                change=digests[proposal.n],
                outcome=outcome.json(),
                salt=salt,
                type=change.type if change else None,
                record=change.record if change else None,
                device=proposal.device or None,
                set=manifest,
                seq=proposal.seq or None,
                n=proposal.n,
                after=merge.after_digest(after, salt) if after and outcome.in_force else None,
            )
            made.append(entry.line())
            if change:
                self.used.setdefault(change.id, change.digest)
                self.bodies[change.id] = change
                if after and outcome.in_force:
                    self.last_entry[change.record] = proposal.index
        self.records.update(judged.records)
        self.log.extend(made)
        return made

    # -- the tree ------------------------------------------------------------------------------------

    def nodes(self, level: int, index: int) -> bytes:
        return merkle.root_of_lines(self.log[index << level : (index + 1) << level])

    def head(self, size: int | None = None) -> Checkpoint:
        size = len(self.log) if size is None else size
        root = merkle.root_of_lines(self.log[:size])
        return checkpoint.sign(self.told("checkpoint", Checkpoint(ORIGIN, self.epoch, size, root)), self.key)

    def told(self, what: str, value: Any) -> Any:
        return self.spoil.get(what, same)(value)

    def sign(self, typ: str, payload: dict[str, Any]) -> bytes:
        kid = signing.key_id(signing.public_raw(self.key))
        return signing.sign(self.key, typ, self.told(typ, payload), kid=kid).encode()

    # -- the wire ------------------------------------------------------------------------------------

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.raw_path.decode()}")
        self.before(request)
        try:
            found = self._route(request)
        except errors.Refusal as refusal:
            found = self.problem(refusal)
        found.headers.setdefault("Date", formatdate(self.now_ms / 1000, usegmt=True))
        return self.after(request, found) or found

    def problem(self, refusal: errors.Refusal, status: int | None = None) -> httpx.Response:
        known = {
            errors.ProofExpired: 401,
            errors.BadSignature: 401,
            errors.UnknownDevice: 401,
            errors.DeviceRevoked: 403,
            errors.NotFound: 404,
            errors.InviteUnknown: 404,
            errors.SequenceGap: 409,
            errors.DeviceFork: 409,
            errors.RekeyRequired: 409,
            errors.Busy: 503,
        }
        body = {
            "type": "about:blank",
            "title": refusal.code,
            "status": status or known.get(type(refusal), 400),
            "code": refusal.code,
            "detail": refusal.detail,
            "item": refusal.item,
            "field": refusal.field,
            "next": refusal.next,
            **refusal.facts,
        }
        headers = {"Content-Type": "application/problem+json"}
        if isinstance(refusal, errors.Busy):
            headers["Retry-After"] = "2"
        return httpx.Response(body["status"], content=json.dumps(body).encode(), headers=headers)

    def _route(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if (request.method, path) == ("GET", "/v1/keys"):
            return httpx.Response(200, content=self.keys())
        if (request.method, path) == ("POST", "/v1/devices"):
            return self.enrol(request.content.decode())
        if path == "/ledger/checkpoint":
            return httpx.Response(200, content=self.head().note.encode())
        if path == "/ledger/proof":
            return self.proof(query)
        if path.startswith("/v1/files/up/"):
            return self.tus(request, path.rsplit("/", 1)[1])
        return self._signed_route(request, path, query)

    def _signed_route(self, request: httpx.Request, path: str, query: Mapping[str, str]) -> httpx.Response:
        device = self.authorised(request)
        routes: dict[tuple[str, str], Callable[[], httpx.Response]] = {
            ("GET", "/v1/devices/self"): lambda: self.chain_of(device),
            ("POST", "/v1/change-sets"): lambda: self.change_set(device, request),
            ("GET", "/v1/feed"): lambda: self.feed(device, query),
            ("POST", "/v1/files"): lambda: self.begin_upload(request),
        }
        if (route := routes.get((request.method, path))) is not None:
            return route()
        kept = {"/v1/files": self.stored, "/v1/catalogues": self.catalogues}.get(path.rsplit("/", 1)[0], {})
        stored = kept.get(path.rsplit("/", 1)[1])
        if stored is None:
            raise errors.NotFound
        return httpx.Response(200, content=stored)

    def chain_of(self, device: Device) -> httpx.Response:
        body = {
            "device": device.id,
            "user": device.user,
            "stage": "revoked" if device.revoked else "enrolled",
            "time": self.now_ms,
        }
        return httpx.Response(200, json={**body, "seq": device.seq, "digest": device.digest})

    def authorised(self, request: httpx.Request) -> Device:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        kid, _ = signing.peek(token, signing.PROOF)
        device = self.devices.get(kid)
        if device is None:
            raise errors.UnknownDevice
        key = signing.public_key(device.sign_key)
        url = URL + request.url.raw_path.decode()
        signing.check_proof(token, key, method=request.method, url=url, now_ms=self.now_ms)
        handing_over = request.url.path in ("/v1/change-sets", "/v1/devices/self")
        if device.revoked and not handing_over:
            raise errors.DeviceRevoked
        return device

    def keys(self) -> bytes:
        listed = [k for k in self.opening if k.kid not in self.retired]
        payload = {
            "v": 1,
            "origin": ORIGIN,
            "epoch": self.epoch,
            "iat": self.now_ms,
            "exp": self.now_ms + 7 * 86_400_000,
            "serial": self.serial,
            "opening": [{"kid": k.kid, "kem": k.kem, "key": lines.b64u(k.public)} for k in listed],
            "ledger": [lines.b64u(signing.public_raw(self.key))],
            "statements": [],
            "recovery": lines.b64u(self.recovery),
            "app": "ok",
        }
        return self.sign(signing.KEYS, payload)

    def enrol(self, jws: str) -> httpx.Response:
        asked = read_enrol(jws)
        digest = lines.digest(jws.encode())
        known = next((d for d in self.devices.values() if d.request == digest), None)
        if known:
            return httpx.Response(200, content=known.answer)
        if asked.supersedes is not None:
            raise errors.NotAllowed("the invite must be made to replace that device")
        user = self.invites.pop(asked.code, None)
        if user is None:
            raise errors.InviteUnknown
        device = str(uuid.uuid4())
        values = {
            "user": user,
            "sign_key": lines.b64u(asked.sign_key),
            "seal_key": lines.b64u(asked.seal_key),
            "kem": asked.kem,
            "app": asked.app,
        }
        self.act("create", "device", device, set=values)
        payload = {
            "v": 1,
            "origin": ORIGIN,
            "request": digest,
            "device": device,
            "user": user,
            "epoch": self.epoch,
            "checkpoint": self.head().note,
            "time": self.now_ms,
        }
        answer = self.sign(signing.ENROLLED, payload).decode()
        self.devices[device] = Device(device, user, asked.sign_key, asked.seal_key, asked.kem, digest, answer)
        return httpx.Response(201, content=answer)

    def change_set(self, device: Device, request: httpx.Request) -> httpx.Response:
        kid = request.headers["wardledger-key"]
        key = next((k for k in self.opening if k.kid == kid and kid not in self.retired), None)
        if key is None:
            raise errors.RekeyRequired(kid=kid)
        text = envelope.open_(request.content, key=key, info=envelope.change_set_info(ORIGIN, device.id, kid))
        jws, rows = changes.split_text(text)
        signing.verify(jws, signing.MANIFEST, signing.public_key(device.sign_key))
        found = read_set(jws, rows)
        manifest = found.manifest
        if device.revoked:
            self.quarantine.append(manifest.seq)
            raise errors.DeviceRevoked
        if (done := self.receipts.get((device.id, manifest.seq))) is not None:
            if done[0] != manifest.digest:
                raise errors.DeviceFork
            return httpx.Response(200, content=done[1])
        if manifest.seq > device.seq + 1:
            raise errors.SequenceGap(expected=device.seq + 1)
        if manifest.prev != device.digest:
            raise errors.DeviceFork
        first = len(self.log)
        writer = f"device:{device.id}"
        proposals = [
            Proposal(
                first + n,
                device.user,
                writer,
                manifest.seq,
                n,
                manifest.digest,
                item.change,
                0,
                device.id,
                item.fault,
            )
            for n, item in enumerate(found.items)
        ]
        digests = [lines.digest(item.line) for item in found.items]
        entries = self.commit(proposals, digests, by=device.user, manifest=manifest.digest)
        device.seq, device.digest = manifest.seq, manifest.digest
        token = self.receipt(manifest, first, entries)
        self.receipts[device.id, manifest.seq] = (manifest.digest, token)
        return httpx.Response(201, content=token)

    def receipt(self, manifest: changes.Manifest, first: int, entries: list[bytes]) -> str:
        seen = manifest.seen.size if manifest.seen else 0
        made = receipt.Receipt(
            origin=ORIGIN,
            device=manifest.device,
            seq=manifest.seq,
            manifest=manifest.digest,
            first=first,
            entries=tuple(entries),
            range=tuple(merkle.compact_range(self.nodes, first).hashes),
            checkpoint=self.head().note,
            seen_size=seen,
            from_seen=tuple(merkle.consistency_proof(self.nodes, seen, first)),
            to_checkpoint=tuple(merkle.consistency_proof(self.nodes, first + len(entries), len(self.log))),
        )
        return self.sign(signing.RECEIPT, made.payload()).decode()

    def feed(self, device: Device, query: Mapping[str, str]) -> httpx.Response:
        after, seen = int(query.get("after", "-1")), int(query["seen"])
        gone = {root for _, root in self.evictions}
        scope = [r for r in self.records.values() if TYPES[r.type].synced and r.root not in gone]
        changed = sorted((r for r in scope if r.version > after), key=lambda r: r.version)
        limit = min(int(query["limit"]), self.page)
        shown, more = changed[:limit], len(changed) > limit
        end = shown[-1].version if more else len(self.log) - 1
        evict = [root for index, root in self.evictions if after < index <= end]
        if not shown and not evict:
            note = base64.b64encode(self.head().note.encode()).decode()
            return httpx.Response(204, headers={"Wardledger-Cursor": str(end), "Wardledger-Checkpoint": note})
        items = [self.item(r) for r in shown] + [c for r in shown for c in self.conflicts(r)]
        payload = {
            "v": 1,
            "device": device.id,
            "after": query.get("after", ""),
            "cursor": str(end),
            "more": more,
            "time": self.now_ms,
            "epoch": self.epoch,
            "head": len(self.log) - 1,
            "checkpoint": self.head().note,
            "proof": [lines.b64u(n) for n in merkle.consistency_proof(self.nodes, seen, len(self.log))],
            "items": items,
            "entries": {str(i["entry"]): self.log[i["entry"]].decode() for i in items if "entry" in i},
            "evict": evict,
        }
        jws = self.sign(signing.FEED, payload)
        info = envelope.feed_info(ORIGIN, device.id)
        return httpx.Response(
            200, content=envelope.seal(jws, kem=device.kem, public=device.seal_key, info=info)
        )

    def item(self, record: Record) -> dict[str, Any]:
        rules = RULES[record.type]
        wanted: set[str] = set()
        for digest in record.digests.values():
            wanted |= set(digest) if isinstance(digest, list) else {digest}
        private = [p for change in self.bodies.values() for p in change.private if p.digest in wanted]
        return {
            "id": record.id,
            "type": record.type,
            "version": record.version,
            "life": record.life,
            "root": record.root,
            "region": record.region,
            "created_by": record.created_by,
            "fields": {n: v for n, v in record.values.items() if rules.fields[n].private is None},
            "digests": dict(record.digests),
            "members": {n: record.values[n] for n, kept in record.digests.items() if isinstance(kept, list)},
            "private": [p.line.decode() for p in private],
            "entry": self.last_entry[record.id],
        }

    def conflicts(self, record: Record) -> list[dict[str, Any]]:
        found = []
        for name, contest in record.contests.items():
            values = {
                "about": record.id,
                "record_type": record.type,
                "field": name,
                "state": "open" if contest.open else "settled",
                "candidates": list(contest.candidates),
            }
            body = {"id": conflict_id(record.id, name), "type": "conflict", "version": contest.version}
            body |= {"life": "live", "root": record.root, "region": record.region, "created_by": "machine"}
            found.append({**body, "fields": values, "digests": {}, "private": []})
        return found

    def proof(self, query: Mapping[str, str]) -> httpx.Response:
        if "index" in query:
            index, size = int(query["index"]), len(self.log)
            path = merkle.inclusion_proof(self.nodes, index, size)
            text = checkpoint.proof_text(index, self.told("path", path), self.head().note)
            return httpx.Response(200, content=text.encode())
        old, new = int(query["from"]), int(query["to"])
        nodes = self.told("consistency", merkle.consistency_proof(self.nodes, old, new))
        return httpx.Response(200, json={"from": old, "to": new, "proof": [lines.b64u(n) for n in nodes]})

    # -- files -----------------------------------------------------------------------------------------

    def begin_upload(self, request: httpx.Request) -> httpx.Response:
        text = request.headers["upload-metadata"]
        named = re.fullmatch(r"digest (\S+)", text)
        assert named, text
        key = os.urandom(16).hex()
        digest = base64.b64decode(named[1]).decode()
        self.uploads[key] = Upload(digest, int(request.headers["upload-length"]))
        return httpx.Response(201, headers={**TUS, "Location": f"/v1/files/up/{key}"})

    def tus(self, request: httpx.Request, key: str) -> httpx.Response:
        found = self.uploads.get(key)
        if found is None:
            return httpx.Response(404)
        if request.method == "HEAD":
            return httpx.Response(200, headers={"Upload-Offset": str(len(found.content))})
        if int(request.headers["upload-offset"]) != len(found.content):
            return self.problem(errors.UploadConflict(), 409)
        method, _, stated = request.headers["upload-checksum"].partition(" ")
        body = request.content
        if method != "sha256" or base64.b64encode(hashlib.sha256(body).digest()).decode() != stated:
            return httpx.Response(460)
        found.content += body
        if len(found.content) == found.length:
            assert hashlib.sha256(found.content).hexdigest() == found.digest
            self.stored[found.digest] = bytes(found.content)
        return httpx.Response(204, headers={"Upload-Offset": str(len(found.content))})


def path_of(request: httpx.Request) -> str:
    """Return the path of a request, without its query."""
    return urlsplit(str(request.url)).path
