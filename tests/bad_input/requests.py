"""Requests that come from nobody, from somebody else, or too late: nothing of them is stored."""

from __future__ import annotations

from typing import Any

from sync import lines, signing
from tests.bad_input.case import Case, Do
from tests.bad_input.scene import PUSH, Scene
from tests.bad_input.spoiling import sound


def proven(method: str = "POST", path: str = PUSH, **changed: Any) -> Do:
    """Post a sound set under another proof."""

    def do(scene: Scene) -> Any:
        body, kid = scene.phone.sealed(scene.phone.text(scene.city.finding()))
        return scene.post(body, kid, proof=scene.phone.proof(method, path, **changed))

    return do


def headed(proof: dict[str, str] | None = None, **headers: str) -> Do:
    """Post a sound set with other headers."""

    def do(scene: Scene) -> Any:
        body, kid = scene.phone.sealed(scene.phone.text(scene.city.finding()))
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return scene.post(body, kid, proof=proof, **named)

    return do


def unsigned_algorithm(scene: Scene) -> Any:
    """Post a sound set under a proof that says it needs no signature."""
    body, kid = scene.phone.sealed(scene.phone.text(scene.city.finding()))
    token = scene.phone.proof("POST", PUSH)["Authorization"].removeprefix("Bearer ")
    header = lines.b64u(lines.encode({"alg": "none", "kid": scene.phone.id, "typ": signing.PROOF}))
    bare = f"Bearer {header}.{token.split('.')[1]}."
    return scene.post(body, kid, proof={"Authorization": bare})


CASES = (
    Case("no proof", headed(proof={}), "401 sign_in_required", twin=sound()),
    Case("a proof five minutes and a second old", proven(offset_seconds=-301), "401 proof_expired",
         twin=proven(offset_seconds=-300), note="`server_time` and `Date` tell the time", postgres=True),
    Case("a proof from five minutes and a second ahead", proven(offset_seconds=301), "401 proof_expired",
         twin=proven(offset_seconds=300), note="as above"),
    Case("a proof for another method", proven(method="PUT"), "401 bad_signature", twin=proven()),
    Case("a proof for another address", proven(path="/v1/feed"), "401 bad_signature", twin=proven()),
    Case("a proof for another host", proven(url=f"http://elsewhere.test{PUSH}"), "401 bad_signature",
         twin=headed(Host="elsewhere.test")),
    Case("a proof with the algorithm `none`", unsigned_algorithm, "401 bad_signature", twin=sound()),
    Case("a proof by a device that there is not", proven(device="0" * 36), "401 unknown_device", twin=sound()),
    Case("`Wardledger-Device` names another device", headed(Wardledger_Device="0" * 36), "401 bad_signature",
         twin=sound()),
    Case("another content type", headed(Content_Type="application/json"), "400 malformed", twin=sound()),
)  # fmt: skip
