"""What a session's owner knows it by: the browser and its system, and whether it is near. No address is kept."""

from __future__ import annotations

import ipaddress

BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("QQBrowser", "QQ Browser"), ("360SE", "360"),
    ("Firefox", "Firefox"), ("HeadlessChrome", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
    ("curl", "curl"), ("python", "Python"),
)  # fmt: skip
"""The first that fits counts: most of them claim to be those that come after them."""
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("OpenHarmony", "HarmonyOS"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
HERE, INSIDE, OUTSIDE = "here", "inside", "outside"


def device_words(agent: str) -> str:
    """Return what a browser says that it is, in at most three words ('' where nothing is known)."""
    browser = next((word for mark, word in BROWSERS if mark.lower() in agent.lower()), "")
    system = next((word for mark, word in SYSTEMS if mark.lower() in agent.lower()), "")
    return " · ".join(word for word in (browser, system) if word)


def place_of(address: str) -> str:
    """Return from where somebody asks: this machine, a network of the house, or outside."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return OUTSIDE
    if found.is_loopback:
        return HERE
    return INSIDE if found.is_private else OUTSIDE
