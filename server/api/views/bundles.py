"""Bundles for programs: what a stranger needs to check a case, in one archive."""

from __future__ import annotations

from flask import Response

from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, Content, Operation, described
from server.console.bundle_answer import MEDIA, bundle_answer
from sync.errors import BadValue, Busy, NotAllowed, StorageFull, TooLarge

REFUSALS = (BadValue, NotAllowed, TooLarge, Busy, StorageFull)


@blueprint.get("/bundles/<kind>/<record>")
@described(
    Operation(ITEMS, "证据包（zip），不含个人信息和原件；kind 为 case、inspection 或 institution",
              "A bundle (zip) of a case, an inspection or an institution, without private lines and originals",
              Content(MEDIA), refusals=REFUSALS)
)  # fmt: skip
def one_bundle(kind: str, record: str) -> Response:
    """Send a bundle without private lines."""
    with looking() as look:
        return bundle_answer(look, kind, record, private=False)


@blueprint.post("/bundles/<kind>/<record>")
@described(
    Operation(ITEMS, "证据包（zip），含个人信息和证据原件；导出会留痕",
              "The same with private lines and originals, for a supervisor or leader; it is logged by itself",
              Content(MEDIA), told_once=True, refusals=REFUSALS)
)  # fmt: skip
def one_private_bundle(kind: str, record: str) -> Response:
    """Send a bundle with private lines and originals; no answer to a key is kept of it."""
    with looking() as look:
        return bundle_answer(look, kind, record, private=True)
