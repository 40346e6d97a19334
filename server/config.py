"""The settings: the only place that reads the environment. docs/operating.md has a line for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from environs import Env, EnvError

from schemas.records.user import ROLES


@dataclass(frozen=True)
class Config:
    """One installation's settings; paths are absolute, addresses without a final slash."""

    home: Path
    origin: str
    url: str
    database_url: str
    files_url: str
    s3_endpoint: str
    s3_region: str
    s3_key: str
    s3_secret: str = field(repr=False)
    keys_dir: Path
    signer_file: Path
    secret_file: Path
    kek_file: Path
    language: str
    timezone: str
    workers: int
    smtp_url: str
    mail_from: str
    sms_file: Path
    channels_file: Path
    commit_wait_ms: int
    lease_days: int
    rate_device: int
    rate_address: int
    proxies: tuple[str, ...]
    clock_file: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str = field(repr=False)
    oidc_secret_file: str
    oidc_label: str
    tsa_url: str = field(repr=False)
    tsa_certs: str
    metrics_token_file: str
    witnesses_file: Path
    witnessed_file: Path
    second_factor_roles: tuple[str, ...]
    sanction_answer_days: int

    @property
    def clock_path(self) -> Path | None:
        """The file that shifts a demo ledger's clock, or None."""
        return Path(self.clock_file) if self.clock_file else None

    @property
    def oidc_secret(self) -> str:
        """What this program proves itself to the provider by: the setting, else the file's content."""
        if self.oidc_client_secret or not self.oidc_secret_file:
            return self.oidc_client_secret
        return Path(self.oidc_secret_file).read_text("utf-8").strip()

    @property
    def tsa_certs_path(self) -> Path | None:
        """The file of the time-stamping authority's roots, or None."""
        return Path(self.tsa_certs) if self.tsa_certs else None

    @property
    def zone(self) -> ZoneInfo:
        """The region's time zone."""
        return ZoneInfo(self.timezone)


SETTINGS = {
    "WARDLEDGER_HOME": "home",
    "WARDLEDGER_ORIGIN": "origin",
    "WARDLEDGER_URL": "url",
    "WARDLEDGER_DATABASE_URL": "database_url",
    "WARDLEDGER_FILES_URL": "files_url",
    "WARDLEDGER_S3_ENDPOINT": "s3_endpoint",
    "WARDLEDGER_S3_REGION": "s3_region",
    "WARDLEDGER_S3_KEY": "s3_key",
    "WARDLEDGER_S3_SECRET": "s3_secret",
    "WARDLEDGER_KEYS_DIR": "keys_dir",
    "WARDLEDGER_SIGNER_FILE": "signer_file",
    "WARDLEDGER_SECRET_FILE": "secret_file",
    "WARDLEDGER_KEK_FILE": "kek_file",
    "WARDLEDGER_LANGUAGE": "language",
    "WARDLEDGER_TIMEZONE": "timezone",
    "WARDLEDGER_WORKERS": "workers",
    "WARDLEDGER_SMTP_URL": "smtp_url",
    "WARDLEDGER_MAIL_FROM": "mail_from",
    "WARDLEDGER_SMS_FILE": "sms_file",
    "WARDLEDGER_CHANNELS_FILE": "channels_file",
    "WARDLEDGER_COMMIT_WAIT_MS": "commit_wait_ms",
    "WARDLEDGER_LEASE_DAYS": "lease_days",
    "WARDLEDGER_RATE_DEVICE": "rate_device",
    "WARDLEDGER_RATE_ADDRESS": "rate_address",
    "WARDLEDGER_PROXIES": "proxies",
    "WARDLEDGER_CLOCK_FILE": "clock_file",
    "WARDLEDGER_OIDC_ISSUER": "oidc_issuer",
    "WARDLEDGER_OIDC_CLIENT_ID": "oidc_client_id",
    "WARDLEDGER_OIDC_CLIENT_SECRET": "oidc_client_secret",
    "WARDLEDGER_OIDC_SECRET_FILE": "oidc_secret_file",
    "WARDLEDGER_OIDC_LABEL": "oidc_label",
    "WARDLEDGER_TSA_URL": "tsa_url",
    "WARDLEDGER_TSA_CERTS": "tsa_certs",
    "WARDLEDGER_METRICS_TOKEN_FILE": "metrics_token_file",
    "WARDLEDGER_WITNESSES_FILE": "witnesses_file",
    "WARDLEDGER_WITNESSED_FILE": "witnessed_file",
    "WARDLEDGER_SECOND_FACTOR_ROLES": "second_factor_roles",
    "WARDLEDGER_SANCTION_ANSWER_DAYS": "sanction_answer_days",
}
SETTINGS_FILE = "settings.env"


def load(given: Mapping[str, str] | None = None) -> Config:
    """Return the settings from the environment, then `settings.env` in the home, then the defaults.

    given: overrides, as if they stood in the environment
    """
    env, overrides, kept = Env(), dict(given or {}), dict[str, str | None]()

    def text(name: str, default: str) -> str:
        return overrides.get(name) or env.str(name, "") or kept.get(name) or default

    def number(name: str, default: int, low: int, high: int) -> int:
        written = text(name, str(default))
        if not written.isdecimal() or not low <= int(written) <= high:
            raise EnvError(f"{name} must be a number from {low} to {high}")
        return int(written)

    home = Path(text("WARDLEDGER_HOME", "var")).absolute()
    # Read without touching the process's environment: two homes in one process stay apart.
    kept.update(dotenv_values(home / SETTINGS_FILE, interpolate=False))
    return Config(
        home=home,
        origin=text("WARDLEDGER_ORIGIN", "ledger.example/luan"),
        url=text("WARDLEDGER_URL", "http://127.0.0.1:8480").rstrip("/"),
        database_url=text("WARDLEDGER_DATABASE_URL", f"sqlite:///{home / 'wardledger.sqlite'}"),
        files_url=text("WARDLEDGER_FILES_URL", str(home / "files")),
        s3_endpoint=text("WARDLEDGER_S3_ENDPOINT", "").rstrip("/"),
        s3_region=text("WARDLEDGER_S3_REGION", "us-east-1"),
        s3_key=text("WARDLEDGER_S3_KEY", ""),
        s3_secret=text("WARDLEDGER_S3_SECRET", ""),
        keys_dir=Path(text("WARDLEDGER_KEYS_DIR", str(home / "keys"))),
        signer_file=Path(text("WARDLEDGER_SIGNER_FILE", str(home / "signer.log"))),
        secret_file=Path(text("WARDLEDGER_SECRET_FILE", str(home / "keys" / "secret"))),
        kek_file=Path(text("WARDLEDGER_KEK_FILE", str(home / "keys" / "kek"))),
        language=text("WARDLEDGER_LANGUAGE", "zh_CN"),
        timezone=text("WARDLEDGER_TIMEZONE", "Asia/Shanghai"),
        workers=number("WARDLEDGER_WORKERS", 1, 1, 64),
        smtp_url=text("WARDLEDGER_SMTP_URL", ""),
        sms_file=Path(text("WARDLEDGER_SMS_FILE", str(home / "sms.json"))),
        channels_file=Path(text("WARDLEDGER_CHANNELS_FILE", str(home / "channels.json"))),
        **_numbers(number),
        proxies=tuple(text("WARDLEDGER_PROXIES", "127.0.0.1,::1").replace(",", " ").split()),
        clock_file=text("WARDLEDGER_CLOCK_FILE", ""),
        **_others(text),
        witnesses_file=Path(text("WARDLEDGER_WITNESSES_FILE", str(home / "witnesses.json"))),
        witnessed_file=Path(text("WARDLEDGER_WITNESSED_FILE", str(home / "witnessed.json"))),
        second_factor_roles=_roles(text("WARDLEDGER_SECOND_FACTOR_ROLES", "")),
    )


def _numbers(number: Callable[[str, int, int, int], int]) -> dict[str, Any]:
    """Return the settings that are numbers within limits."""
    return {
        "commit_wait_ms": number("WARDLEDGER_COMMIT_WAIT_MS", 0, 0, 1000),
        "lease_days": number("WARDLEDGER_LEASE_DAYS", 7, 1, 90),
        "rate_device": number("WARDLEDGER_RATE_DEVICE", 10, 0, 10_000),
        "rate_address": number("WARDLEDGER_RATE_ADDRESS", 100, 0, 100_000),
        "sanction_answer_days": number("WARDLEDGER_SANCTION_ANSWER_DAYS", 5, 1, 60),
    }


def _roles(written: str) -> tuple[str, ...]:
    """Return the roles of a setting; a misspelt one must not leave a door open."""
    named = tuple(written.replace(",", " ").split())
    if unknown := [role for role in named if role not in ROLES]:
        raise EnvError(f"WARDLEDGER_SECOND_FACTOR_ROLES names {unknown[0]}; the roles are {', '.join(ROLES)}")
    return named


def _others(text: Callable[[str, str], str]) -> dict[str, Any]:
    """Return the settings of what others run: mail, single sign-on, time-stamping."""
    return {
        "mail_from": text("WARDLEDGER_MAIL_FROM", "wardledger@bureau.example"),
        "oidc_issuer": text("WARDLEDGER_OIDC_ISSUER", "").rstrip("/"),
        "oidc_client_id": text("WARDLEDGER_OIDC_CLIENT_ID", ""),
        "oidc_client_secret": text("WARDLEDGER_OIDC_CLIENT_SECRET", ""),
        "oidc_secret_file": text("WARDLEDGER_OIDC_SECRET_FILE", ""),
        "tsa_url": text("WARDLEDGER_TSA_URL", ""),
        "tsa_certs": text("WARDLEDGER_TSA_CERTS", ""),
        "metrics_token_file": text("WARDLEDGER_METRICS_TOKEN_FILE", ""),
        "oidc_label": text("WARDLEDGER_OIDC_LABEL", ""),
    }


def environment_for(home: Path) -> dict[str, str]:
    """Return this process's environment for a child that works on another home: with no other setting of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WARDLEDGER_")}
    return {**kept, "WARDLEDGER_HOME": str(home)}


__all__ = ["SETTINGS", "SETTINGS_FILE", "Config", "EnvError", "environment_for", "load"]
