"""Tencent's SMS service (腾讯云短信, 2021-01-11), signed by its method v3 (TC3-HMAC-SHA256).

Written after the vendor's description and tried on its published signature example; no real account was used.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from server.reminders.delivery import Delivery
from server.reminders.gateways import Call, Receipt, Text

ALGORITHM = "TC3-HMAC-SHA256"
ACTION, ASKING, VERSION, SERVICE = "SendSms", "PullSmsSendStatusByPhoneNumber", "2021-01-11", "sms"
CLOCK_SECONDS = 300
"""So far our clock may be ahead of the vendor's."""
TIME_MAX = 2**33
CONTENT_TYPE = "application/json; charset=utf-8"
DONE = "Ok"
NOBODY = (
    "InvalidParameterValue.IncorrectPhoneNumber",
    "FailedOperation.PhoneNumberInBlacklist",
    "FailedOperation.ContainSensitiveWord",
)
"""The number, or what is said to it, is at fault: it stays so."""
THIS_NUMBER = "LimitExceeded.PhoneNumber"
"""This number has had enough for now; another one may well be sent to."""


@dataclass(frozen=True)
class Tencent:
    """host: of the endpoint; app_id: the SMS application; sign_name: the approved signature before every text"""

    host: str
    key_id: str
    key_secret: str
    sign_name: str
    app_id: str
    region: str = "ap-guangzhou"

    def call(self, text: Text, *, at: datetime, nonce: str) -> Call:
        """Return the signed request that sends a text; the service takes no nonce."""
        body = orjson.dumps({
            "PhoneNumberSet": [f"+86{text.phone}"],
            "SmsSdkAppId": self.app_id,
            "SignName": self.sign_name,
            "TemplateId": text.template,
            "TemplateParamSet": list(text.words.values()),
            "SessionContext": text.name,
        })  # fmt: skip
        return self._call(ACTION, body, at)

    def _call(self, action: str, body: bytes, at: datetime) -> Call:
        headers = {
            "authorization": self.signed(SERVICE, body, at=at),
            "content-type": CONTENT_TYPE,
            "host": self.host,
            "x-tc-action": action,
            "x-tc-region": self.region,
            "x-tc-timestamp": str(int(at.timestamp())),
            "x-tc-version": VERSION,
        }
        return Call("/", headers, body)

    def signed(self, service: str, body: bytes, *, at: datetime) -> str:
        """Return the authorization of a POST."""
        names = "content-type;host"
        digest = hashlib.sha256(body).hexdigest()
        request = f"POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{self.host}\n\n{names}\n{digest}"
        day = f"{at.astimezone(UTC):%Y-%m-%d}"
        scope = f"{day}/{service}/tc3_request"
        hashed = hashlib.sha256(request.encode()).hexdigest()
        text = f"{ALGORITHM}\n{int(at.timestamp())}\n{scope}\n{hashed}"
        key = f"TC3{self.key_secret}".encode()
        for part in (day, service, "tc3_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        return f"{ALGORITHM} Credential={self.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"

    def answer(self, told: Mapping[str, Any]) -> Delivery:
        """Return what came of it: `Ok` of the one number is success."""
        response = told.get("Response")
        response = response if isinstance(response, dict) else {}
        each = response.get("SendStatusSet")
        status = each[0] if isinstance(each, list) and each and isinstance(each[0], dict) else None
        error = response.get("Error")
        code = str((status or (error if isinstance(error, dict) else {})).get("Code", ""))
        if status is not None and code == DONE:
            return Delivery("sent", code)
        if code in NOBODY:
            return Delivery("permanent", code)
        return Delivery("temporary", code[:60] or "no code", in_trouble=not code.startswith(THIS_NUMBER))

    def question(self, phone: str, *, sent_at: datetime, at: datetime, nonce: str) -> Call:
        """Return the signed request that asks what became of the texts to a phone since one was sent."""
        body = orjson.dumps({
            "BeginTime": int(sent_at.timestamp()) - CLOCK_SECONDS,
            "Limit": 100,
            "Offset": 0,
            "PhoneNumber": f"+86{phone}",
            "SmsSdkAppId": self.app_id,
        })  # fmt: skip
        return self._call(ASKING, body, at)

    def receipt(self, told: Mapping[str, Any], name: str) -> Receipt | None:
        """Return what became of the text with this SessionContext."""
        response = told.get("Response")
        each = response.get("PullSmsSendStatusSet") if isinstance(response, dict) else None
        for one in each if isinstance(each, list) else ():
            if isinstance(one, dict) and one.get("SessionContext") == name:
                at = one.get("UserReceiveTime")
                when = datetime.fromtimestamp(at, UTC) if isinstance(at, int) and 0 < at < TIME_MAX else None
                arrived = one.get("ReportStatus") == "SUCCESS"
                return Receipt("delivered" if arrived else "failed", when, str(one.get("Description", "")))
        return None
