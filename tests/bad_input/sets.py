"""Sets whose manifest or frame is at fault, and sets that come twice, too early or in two shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.drafting import Draft
from sync import changes, signing
from tests.bad_input.case import APPLIED, Case, Do
from tests.bad_input.scene import Scene
from tests.bad_input.spoiling import sound
from tests.intake.caller import caller

WHOLE = ("refused malformed",)
"""Nobody can tell which lines were meant: one entry stands for the whole set."""


def stated(**manifest: Any) -> Do:
    """Send a set of three whose manifest, signed, states something else."""
    return lambda scene: scene.put_lines(scene.lines(*(scene.city.finding() for _ in range(3))), **manifest)


def framed(spoil: Callable[[bytes], bytes]) -> Do:
    """Send a set of three whose text was spoilt after it was signed."""

    def do(scene: Scene) -> Any:
        return scene.put(spoil(scene.phone.text(*(scene.city.finding() for _ in range(3)))))

    return do


def rows(change: Callable[[list[bytes]], list[bytes]]) -> Do:
    """Send a set of three (a change line and a private line each) whose lines were changed after it was signed."""

    def spoil(text: bytes) -> bytes:
        manifest, *found = text[:-1].split(b"\n")
        return b"\n".join([manifest, *change(found)]) + b"\n"

    return framed(spoil)


def flipped_digit(found: list[bytes]) -> list[bytes]:
    """Change the amount of the second change."""
    assert b'"amount_fen":120000' in found[2]
    return [*found[:2], found[2].replace(b":120000", b":120001"), *found[3:]]


def signed_by_another(scene: Scene) -> Any:
    """Send what another phone signed."""
    other = caller(scene.installation, scene.city.phones[1].user)
    return scene.put(other.text(scene.city.finding()))


def of_another_kind(scene: Scene) -> Any:
    """Send a manifest that was signed as a request's proof."""
    written = scene.lines()
    _, payload = signing.peek(scene.phone.manifest(written), signing.MANIFEST)
    jws = signing.sign(scene.phone.key, signing.PROOF, payload, kid=scene.phone.id)
    return scene.put(changes.text_of(jws, written))


def empty(scene: Scene) -> Any:
    """Send a manifest over no change at all."""
    return scene.put_lines([])


def abandoned(scene: Scene) -> Any:
    """Send the manifest's line alone."""
    text = scene.phone.text(*(scene.city.finding() for _ in range(3)))
    return scene.put(text.split(b"\n", 1)[0] + b"\n")


def too_many(scene: Scene) -> Any:
    """Send 1,001 changes, each sound and small."""
    voids = [Draft("void", "finding", scene.city.id()) for _ in range(1_001)]
    return scene.put_drafts(*voids)


def again(scene: Scene) -> Any:
    """Send the same set a second time."""
    text = scene.phone.text(scene.city.finding())
    first = scene.put(text)
    second = scene.put(text)
    assert (first.status_code, second.data) == (201, first.data)
    scene.phone.moved(text)
    return second


def forked(scene: Scene) -> Any:
    """Send another set under a seq that was used."""
    scene.put(scene.phone.text(scene.city.finding()))
    other = scene.phone.text(scene.city.finding())
    used = scene.text
    answer = scene.put(other)
    scene.phone.moved(used)
    return answer


def stray(scene: Scene) -> Any:
    """Send a set that names another one as its forerunner."""
    return scene.put_lines(scene.lines(), prev="ab" * 32)


def skipping(scene: Scene) -> Any:
    """Send the set after the next."""
    return scene.put_lines(scene.lines(), seq=2)


def revoked(stage: str) -> Do:
    """Send from a phone that the administrator took out of service."""

    def do(scene: Scene) -> Any:
        step = {"stage": {"from": "enrolled", "to": stage}}
        scene.act(Draft("edit", "device", scene.phone.id, step))
        return scene.put(scene.phone.text(scene.city.finding()))

    return do


CASES = (
    Case("a manifest signed by another phone", signed_by_another, "401 bad_signature", twin=sound()),
    Case("a first line that is no JWS", lambda scene: scene.put(b"no manifest\n"), "401 bad_signature"),
    Case("a manifest signed as something else", of_another_kind, "401 bad_signature", twin=sound()),
    Case("a manifest that names another device", stated(device="0" * 8 + "-0000" * 3 + "-" + "0" * 12),
         "401 bad_signature", twin=sound()),
    Case("a manifest for another ledger's name", stated(origin="ledger.test/other"), "400 wrong_ledger",
         kept="wrong_ledger", twin=sound(), postgres=True),
    Case("a manifest under another pinned key", stated(ledger_key="0" * 64), "400 wrong_ledger",
         kept="wrong_ledger", twin=sound()),
    Case("a manifest of another version", stated(v=2), "400 malformed", field="v", kept="malformed",
         twin=sound()),
    Case("a manifest with a member that there is not", stated(remark=1), "400 malformed", field="remark",
         kept="malformed", twin=sound()),
    Case("a manifest that lacks a member", stated(root=None), "400 malformed", field="root", kept="malformed",
         twin=sound()),
    Case("a manifest whose `seq` is a text", stated(seq="1"), "400 malformed", field="seq", kept="malformed",
         twin=sound()),
    Case("an empty set", empty, "400 malformed", field="count", kept="malformed", twin=sound()),
    Case("a first line without its LF", framed(lambda text: text.split(b"\n")[0]), "400 malformed",
         twin=sound()),
    Case("a byte order mark", framed(lambda text: b"\xef\xbb\xbf" + text), "400 malformed", twin=sound()),
    Case("lines ended by CR LF", framed(lambda text: text.replace(b"\n", b"\r\n")), "400 malformed",
         twin=sound(3)),
    Case("a CR inside the lines", framed(lambda text: text[:-1] + b"\r\n"), entries=WHOLE, kept="malformed",
         twin=sound(3)),
    Case("a text without its last LF", framed(lambda text: text[:-1]), entries=WHOLE, kept="malformed",
         twin=sound(3), postgres=True),
    Case("a text cut in the middle", framed(lambda text: text[: len(text) // 2]), entries=WHOLE,
         kept="malformed", twin=sound(3)),
    Case("an empty line", framed(lambda text: text + b"\n"), entries=WHOLE, kept="malformed", twin=sound(3)),
    Case("the manifest's line alone (`abandon`)", abandoned, entries=WHOLE, kept="malformed", twin=sound(3)),
    Case("a change line altered after signing", rows(flipped_digit), entries=WHOLE, kept="malformed",
         twin=rows(lambda found: found)),
    Case("change lines in another order", rows(lambda found: found[2:4] + found[:2] + found[4:]), entries=WHOLE,
         kept="malformed", twin=rows(lambda found: found)),
    Case("a change line missing", rows(lambda found: found[2:]), entries=WHOLE, kept="malformed",
         twin=rows(lambda found: found)),
    Case("a change line twice", rows(lambda found: found + found[-2:]), entries=WHOLE, kept="malformed",
         twin=rows(lambda found: found)),
    Case("a `count` that is not that of the lines", stated(count=2), entries=WHOLE, kept="malformed",
         twin=stated(count=3)),
    Case("a `root` that is not that of the lines", stated(root="0" * 64), entries=WHOLE, kept="malformed",
         twin=sound(3)),
    Case("1,001 changes", too_many, entries=("refused too_large",), field="count", kept="too_large",
         twin=sound(3), note="1,000 are accepted"),
    Case("the same set again", again, "200", entries=(), note="the same receipt, byte for byte", postgres=True),
    Case("another set under a seq that was used", forked, "409 device_fork", kept="device_fork",
         stopped="409 device_fork", note="the device is stopped, a supervisor told", postgres=True),
    Case("a `prev` that is not the set before", stray, "409 device_fork", kept="device_fork",
         stopped="409 device_fork", note="as above", twin=sound()),
    Case("a seq ahead of the chain", skipping, "409 gap", note="`expected` names the seq", twin=stated(seq=1)),
    Case("a set of a revoked phone", revoked("revoked"), "403 device_revoked", kept="device_revoked",
         stopped="403 device_revoked", twin=sound(), postgres=True),
    Case("a set of a lost phone", revoked("lost"), "403 device_revoked", kept="device_revoked",
         stopped="403 device_revoked", twin=sound()),
    Case("a clock that stands in 1970", stated(made_at=0), entries=(APPLIED,) * 3),
    Case("a clock that stands in 2199", stated(made_at=7_258_118_400_000), entries=(APPLIED,) * 3),
)  # fmt: skip
