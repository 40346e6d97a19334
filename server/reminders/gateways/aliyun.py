"""Aliyun's SMS service (阿里云短信服务, Dysmsapi 2017-05-25), signed by its method V3 (ACS3-HMAC-SHA256).

Written after the vendor's description and tried on its published signature example; no real account was used.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal
from urllib.parse import quote, urlencode

import orjson

from server.reminders.delivery import Delivery
from server.reminders.gateways import Call, Receipt, Text

ALGORITHM = "ACS3-HMAC-SHA256"
ACTION, ASKING, VERSION = "SendSms", "QuerySendDetails", "2017-05-25"
CHINA = timezone(timedelta(hours=8))
"""The vendor writes days and times so, wherever it is asked from."""
ENDED: Mapping[int, Literal["delivered", "failed"]] = {2: "failed", 3: "delivered"}
"""What SendStatus says at the end; 1 waits for the phone."""
DONE = "OK"
NOBODY = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.INVALID_PARAMETERS"})
"""The number is at fault: it stays so."""
THIS_NUMBER = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"})
"""This number has had enough for now; another one may well be sent to."""


@dataclass(frozen=True)
class Aliyun:
    """host: of the endpoint; sign_name: the approved signature that stands before every text"""

    host: str
    key_id: str
    key_secret: str
    sign_name: str

    def call(self, text: Text, *, at: datetime, nonce: str) -> Call:
        """Return the signed request that sends a text."""
        query = {
            "OutId": text.name,
            "PhoneNumbers": text.phone,
            "SignName": self.sign_name,
            "TemplateCode": text.template,
            "TemplateParam": orjson.dumps(text.words).decode(),
        }
        headers = self.signed(ACTION, VERSION, query, at=at, nonce=nonce)
        return Call(f"/?{canonical(query)}", headers, b"")

    def signed(
        self, action: str, version: str, query: Mapping[str, str], *, at: datetime, nonce: str
    ) -> dict[str, str]:
        """Return the header fields of a POST without a body, their signature among them."""
        empty = hashlib.sha256(b"").hexdigest()
        headers = {
            "host": self.host,
            "x-acs-action": action,
            "x-acs-content-sha256": empty,
            "x-acs-date": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": nonce,
            "x-acs-version": version,
        }
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        request = "\n".join(("POST", "/", canonical(query), lines, names, empty))
        text = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(self.key_secret.encode(), text.encode(), "sha256").hex()
        told = f"{ALGORITHM} Credential={self.key_id},SignedHeaders={names},Signature={signature}"
        return {**headers, "authorization": told}

    def answer(self, told: Mapping[str, Any]) -> Delivery:
        """Return what came of it: `OK` alone is success."""
        code = str(told.get("Code", ""))
        if code == DONE:
            return Delivery("sent", code)
        if code in NOBODY:
            return Delivery("permanent", code)
        # Whatever else is said of keys, signatures, templates or the account is ours to mend.
        return Delivery("temporary", code[:60] or "no code", in_trouble=code not in THIS_NUMBER)

    def question(self, phone: str, *, sent_at: datetime, at: datetime, nonce: str) -> Call:
        """Return the signed request that asks what became of the texts to a phone on a day, by the vendor's clock."""
        query = {
            "CurrentPage": "1",
            "PageSize": "50",
            "PhoneNumber": phone,
            "SendDate": f"{sent_at.astimezone(CHINA):%Y%m%d}",
        }
        headers = self.signed(ASKING, VERSION, query, at=at, nonce=nonce)
        return Call(f"/?{canonical(query)}", headers, b"")

    def receipt(self, told: Mapping[str, Any], name: str) -> Receipt | None:
        """Return what became of the text with this OutId."""
        within = told.get("SmsSendDetailDTOs")
        each = (
            within.get("SmsSendDetailDTO") if isinstance(within, dict) and told.get("Code") == DONE else None
        )
        for one in each if isinstance(each, list) else ():
            if isinstance(one, dict) and one.get("OutId") == name and one.get("SendStatus") in ENDED:
                return Receipt(
                    ENDED[one["SendStatus"]], _instant(one.get("ReceiveDate")), str(one.get("ErrCode", ""))
                )
        return None


def _instant(written: object) -> datetime | None:
    """Return a time as the vendor writes it, in China's zone; None where there is none."""
    try:
        return datetime.strptime(str(written), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None


def canonical(query: Mapping[str, str]) -> str:
    """Return a query in the order and writing in which it is signed."""
    return urlencode(sorted(query.items()), quote_via=quote, safe="~")
