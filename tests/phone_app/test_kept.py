"""What lies on the phone: nothing readable without the PIN, and enough to start cold with the server dead."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.interop.line import cut
from tests.interop.town import Town
from tests.phone_app.findings import arrive, write
from tests.phone_app.handset import Handset, kept_handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]
PICTURE_BYTES_MIN = 5_000
DUMP = """async () => {
  const found = [];
  const b64 = (bytes) => { let s = ''; for (const b of bytes) s += String.fromCharCode(b); return btoa(s); };
  const told = (value) => value instanceof CryptoKey ? `key:${value.extractable}`
    : value instanceof Uint8Array ? `bytes:${b64(value)}`
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, told(v)])) : value;
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done) => { const r = indexedDB.open(name); r.onsuccess = () => done(r.result); });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store);
      const read = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
      const [keys, values] = await Promise.all([read(all.getAllKeys()), read(all.getAll())]);
      keys.forEach((key, n) => found.push([`${name}/${store}/${key}`, told(values[n])]));
    }
    db.close();
  }
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.push([`cache ${name}`, request.url]);
  for (const [key, value] of Object.entries(localStorage)) found.push([`local ${key}`, value]);
  for (const [key, value] of Object.entries(sessionStorage)) found.push([`session ${key}`, value]);
  return found;
}"""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What starts browsers."""
    with sync_playwright() as made:
        yield made


@pytest.fixture
def here(own_town: Town) -> Town:
    return own_town


def dumped(phone: Handset) -> list[tuple[str, Any]]:
    """Return everything that the browser keeps for the app."""
    return [(place, value) for place, value in phone.page.evaluate(DUMP)]


def raw(value: object) -> bytes:
    """Return what a value says, its bytes as they are."""
    text = json.dumps(value, ensure_ascii=False)
    parts = [base64.b64decode(part.split('"')[0]) for part in text.split("bytes:")[1:]]
    return text.encode() + b"".join(parts)


def test_nothing_of_a_person_lies_on_the_phone_unsealed(playwright: Playwright, here: Town, tmp_path: Path):
    with kept_handset(playwright, here, tmp_path / "profile") as phone:
        phone.enrol(here.found.lead)
        expect(phone.page.locator(".card")).to_contain_text("六安市测试第001医院")
        phone.page.get_by_role("button", name="到达现场").click()
        phone.page.get_by_role("button", name="确认到达").click()
        phone.sync()
        kept = dumped(phone)
    assert {"wardledger/rows/me", "wardledger/rows/cursor"} <= {place for place, _ in kept}, (
        "the journal is there"
    )
    assert sum(place.startswith("wardledger/rows/record/") for place, _ in kept) > 5
    words = [
        "六安市测试第001医院",
        "测试病人",
        "contact1@example",
        "H34150290001",
        "on_site",
        "sign_seed",
        "246813",
    ]
    for place, value in kept:
        for word in words:
            assert word.encode() not in raw(value), f"{word} is readable in {place}"
            assert word not in place
    assert all(value == "key:false" for place, value in kept if place.startswith("wardledger/keys/"))
    assert all("/app/" in value for place, value in kept if place.startswith("cache "))


def test_neither_words_nor_pictures_of_a_visit_lie_there_unsealed_kept_or_half_written(
    playwright: Playwright, here: Town, tmp_path: Path
):
    facts, half = "经查，测试病人张某不在床，护士称其回家", "还没有写完的一句话"
    with kept_handset(playwright, here, tmp_path / "profile") as phone:
        phone.enrol(here.found.lead)
        expect(phone.page.locator(".card")).to_be_visible()
        arrive(phone, here.found.inspection)
        phone.sync()
        here.line.before = cut
        finding = write(
            phone, here.found.inspection, search="挂床", choose="挂床住院", facts=facts, yuan="6543.21"
        )
        phone.go(f"/finding/{finding}/edit")
        phone.page.get_by_label("事实").fill(half)
        phone.go("/evidence")
        phone.page.get_by_role("button", name="拍照", exact=True).click()
        expect(phone.page.locator(".shutter")).to_be_enabled()
        phone.page.locator(".shutter").click()
        expect(phone.page.locator(".kept")).to_contain_text("还没有上传")
        phone.go(f"/finding/{finding}/edit")
        expect(phone.page.get_by_label("事实")).to_have_value(half)
        kept = [(place, raw(value)) for place, value in dumped(phone)]
    assert any(len(said) > PICTURE_BYTES_MIN for _, said in kept), "the picture waits there to be sent"
    for place, said in kept:
        for word in (facts, half, "护士称", "654321", "6543.21"):
            assert word.encode() not in said, f"{word} is readable in {place}"
        for sign in (b"JFIF", b"Exif", b"\xff\xd8\xff\xe0"):
            assert sign not in said, f"a picture lies open in {place}"


def test_with_the_server_dead_it_starts_cold_and_works_and_sends_later(
    playwright: Playwright, here: Town, tmp_path: Path
):
    with kept_handset(playwright, here, tmp_path / "profile") as phone:
        phone.enrol(here.found.member)
        expect(phone.page.locator(".card").first).to_contain_text("六安市测试第001医院")
        phone.page.evaluate("navigator.serviceWorker.ready")
    here.server.kill()
    here.line.before = cut
    try:
        with kept_handset(playwright, here, tmp_path / "profile") as phone:
            phone.open()
            phone.unlock()
            expect(phone.page.locator(".card").first).to_contain_text("六安市测试第001医院")
            expect(phone.page.locator(".strip")).to_contain_text("离线")
            phone.page.get_by_role("button", name="到达现场").click()
            phone.page.get_by_role("button", name="确认到达").click()
            expect(phone.page.locator(".strip")).to_contain_text("离线 · 1 项未上传")
            phone.go("/sync")
            expect(phone.page.get_by_role("alert")).to_contain_text("连不上服务器")
            expect(phone.page.get_by_role("alert")).to_contain_text("记录照常")
    finally:
        here.server.start()
        here.line.reset()
    with kept_handset(playwright, here, tmp_path / "profile") as phone:
        phone.open()
        phone.unlock()
        expect(phone.page.locator(".strip")).to_contain_text("全部已有回执")
        phone.go("/sync")
        expect(phone.page.locator(".state-ok")).to_contain_text("已入台账，回执")
