"""The demo's institution: it acknowledges by the link of its message, reports with proof, and its case is closed.

All that it does goes over HTTP to the running server, as its browser would; what the bureau does then is done by two
supervisors, as whoever verified a report does not close its case.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, Self

import httpx
from PIL import Image, ImageDraw

from server.accounts.users import NewUser, enlist
from server.casework import case_desk, casefile
from server.casework.closing import LOOK_BACK_DAYS
from server.casework.verifying import Checked, Verdict
from server.demo.cast import Login
from server.demo.marking import font
from server.storage import record_store
from server.wiring import Services
from sync import frames, lines
from sync.merge import Record

LINK = re.compile(r"/ack#([A-Za-z0-9_~.-]+)")
ROLE = "institution_user"
HTTP_SECONDS = 30
TUS = {"Tus-Resumable": "1.0.0"}
DONE = "已逐床核对在院情况，多收的床位费已退回医保专户，并对病区人员进行了培训。"


@dataclass
class Party:
    """A browser of an institution's user."""

    client: httpx.Client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def send(self, path: str, body: Any) -> Any:
        """Send JSON with the session's token and return the answer; raises httpx.HTTPStatusError for a refusal."""
        answer = self.client.post(path, json=body, headers=self._token())
        answer.raise_for_status()
        return answer.json()

    def upload(self, cipher: bytes) -> None:
        """Send a sealed file as a resumable upload."""
        digest = base64.b64encode(hashlib.sha256(cipher).hexdigest().encode()).decode()
        asked = {**TUS, "Upload-Length": str(len(cipher)), "Upload-Metadata": f"digest {digest}"}
        made = self.client.post("/api/files", headers={**asked, **self._token()})
        made.raise_for_status()
        part = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        self.client.patch(made.headers["Location"], content=cipher, headers=part).raise_for_status()

    def _token(self) -> dict[str, str]:
        return {"X-CSRFToken": str(self.client.get("/api/session").json()["csrf_token"])}


def browser(url: str) -> Party:
    """Return a browser at the running server."""
    return Party(httpx.Client(base_url=url, timeout=HTTP_SECONDS))


def admit(services: Services, case: Record) -> Login:
    """Give the institution of a case a user of its portal."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        place = str(case.values["institution"])
        hospital = record_store.load(connection, vault, [place])[place]
    login = f"{str(hospital.values['fixmedins_code']).lower()}.office"
    new = NewUser(
        login, "测试医保办主任001", (ROLE,), str(hospital.values["region"]), institution=hospital.id
    )
    user, password = enlist(services, new)
    return Login(ROLE, login, password, user)


def acknowledge(url: str, mails: Sequence[EmailMessage]) -> str:
    """Press the button behind the link of a message, without signing in; return what the page says then."""
    for mail in mails:
        part = mail.get_body(("plain",))
        if part is not None and (found := LINK.search(part.get_content())):
            with browser(url) as anybody:
                return str(anybody.send("/api/acknowledgements", {"token": found[1]})["state"])
    return "no link"


def report(services: Services, url: str, login: Login, case: str) -> str:
    """Answer each finding of a case with proof and hand the report in; return its id."""
    with browser(url) as party:
        party.send("/api/session", {"login": login.login, "password": login.password})
        begun = party.send(f"/api/portal/cases/{case}/report", {})
        made, plain = str(begun["report"]["id"]), _proof()
        key = services.random(frames.KEY_BYTES)
        cipher = b"".join(frames.encrypt([plain], key, services.random(frames.PREFIX_BYTES)))
        party.upload(cipher)
        file = {
            "version": begun["version"],
            "digest": hashlib.sha256(plain).hexdigest(),
            "size": len(plain),
            "media_type": "image/jpeg",
            "cipher_digest": hashlib.sha256(cipher).hexdigest(),
            "cipher_size": len(cipher),
            "file_key": lines.b64u(key),
        }
        shown = party.send(f"/api/portal/reports/{made}/files", file)
        answers = [
            {
                "finding": one["finding"]["id"],
                "measure": "corrected",
                "words": DONE,
                "done_on": services.today().isoformat(),
                "proof": [file["digest"]],
            }
            for one in shown["answers"]
        ]
        shown = party.send(
            f"/api/portal/reports/{made}/answers", {"version": shown["version"], "answers": answers}
        )
        party.send(f"/api/portal/reports/{made}/submit", {"version": shown["version"]})
    return made


def settle(services: Services, verifier: str, closer: str, case: str) -> str:
    """Verify a report as one supervisor and close its case as another; return the case's stage."""
    file = casefile.load(services, verifier, case)
    verdicts = {one.id: Verdict("met") for one in file.findings}
    said = Checked(verdicts=verdicts, money_settled=True)
    case_desk.verify_report(services, verifier, case, said, version=file.case.version)
    file = casefile.load(services, closer, case)
    day = services.today() + timedelta(days=LOOK_BACK_DAYS)
    case_desk.close_case(services, closer, case, version=file.case.version, look_back_on=day)
    return str(casefile.load(services, closer, case).case.stage)


def _proof() -> bytes:
    """Return a picture that says that it is a demo's."""
    page = Image.new("RGB", (900, 640), (250, 250, 246))
    pen = ImageDraw.Draw(page)
    for number, words in enumerate(("退费凭证", "金额：1,520.00 元", "演示数据，非真实凭证")):
        pen.text((90, 120 + number * 130), words, font=font(56), fill=(40, 40, 40))
    made = io.BytesIO()
    page.save(made, "JPEG", quality=85)
    return made.getvalue()
