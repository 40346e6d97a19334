"""The settings: the only place that reads the environment. docs/operating.md has a line for each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from environs import Env, EnvError


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
    language: str
    timezone: str
    workers: int
    smtp_url: str
    mail_from: str
    commit_wait_ms: int
    clock_file: str

    @property
    def clock_path(self) -> Path | None:
        """The file that shifts a demo ledger's clock, or None."""
        return Path(self.clock_file) if self.clock_file else None

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
    "WARDLEDGER_LANGUAGE": "language",
    "WARDLEDGER_TIMEZONE": "timezone",
    "WARDLEDGER_WORKERS": "workers",
    "WARDLEDGER_SMTP_URL": "smtp_url",
    "WARDLEDGER_MAIL_FROM": "mail_from",
    "WARDLEDGER_COMMIT_WAIT_MS": "commit_wait_ms",
    "WARDLEDGER_CLOCK_FILE": "clock_file",
}
SETTINGS_FILE = "settings.env"


def load(given: Mapping[str, str] | None = None) -> Config:
    """Return the settings from the environment, then `settings.env` in the home, then the defaults.

    given: overrides, as if they stood in the environment
    """
    env = Env()
    overrides = dict(given or {})
    kept: dict[str, str | None] = {}

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
        language=text("WARDLEDGER_LANGUAGE", "zh_CN"),
        timezone=text("WARDLEDGER_TIMEZONE", "Asia/Shanghai"),
        workers=number("WARDLEDGER_WORKERS", 1, 1, 64),
        smtp_url=text("WARDLEDGER_SMTP_URL", ""),
        mail_from=text("WARDLEDGER_MAIL_FROM", "wardledger@bureau.example"),
        commit_wait_ms=number("WARDLEDGER_COMMIT_WAIT_MS", 0, 0, 1000),
        clock_file=text("WARDLEDGER_CLOCK_FILE", ""),
    )


def environment_for(home: Path) -> dict[str, str]:
    """Return this process's environment for a child that works on another home: with no other setting of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WARDLEDGER_")}
    return {**kept, "WARDLEDGER_HOME": str(home)}


__all__ = ["SETTINGS", "SETTINGS_FILE", "Config", "EnvError", "environment_for", "load"]
