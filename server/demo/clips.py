"""Sound and moving pictures: an inquiry's recording in AAC, a walk through a ward in H.264, both in MP4.

The speech is none that anybody could understand: a voice of chance that says syllables.
"""

from __future__ import annotations

import array
import io
import math
import random
from collections.abc import Iterator
from fractions import Fraction

import av
from PIL import Image, ImageChops

from mobile_stub.camera import exposed
from mobile_stub.scenery import ward
from mobile_stub.scenery.scene import Scene
from server.demo.marking import MARK, stamp

RATE = 16_000
"""Samples a second, as a phone's voice recorder takes them."""
AUDIO_BITS = 66_000
"""A second; ten minutes are 5 MB."""
SYLLABLES = 28
VOWELS = ((730, 1090), (270, 2290), (300, 870), (530, 1840), (570, 840))
VOICE_HZ = (105, 210)
FRAME = (960, 540)
FRAMES_A_SECOND = 15
VIDEO_BITS = 3_600_000
STILL = (1440, 1080)
GRAINS = 5


def audio(rng: random.Random, seconds: int) -> bytes:
    """Return a recording of somebody who speaks, pauses and is answered by another voice."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        container.metadata["title"] = f"{MARK} 询问录音"
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        stream.bit_rate = AUDIO_BITS
        stream.options = {"aac_coder": "fast"}
        for number, second in enumerate(_seconds(rng, seconds)):
            frame = av.AudioFrame(format="s16", layout="mono", samples=RATE)
            plane = frame.planes[0]
            plane.update(second + bytes(plane.buffer_size - len(second)))
            frame.sample_rate, frame.pts, frame.time_base = RATE, number * RATE, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def video(rng: random.Random, label: str, seconds: int, *, size: tuple[int, int] = FRAME) -> bytes:
    """Return a clip of a ward in which the phone is held by hand and turned along a bed; every frame is marked."""
    file = io.BytesIO()
    scale = size[0] / FRAME[0]
    wide = (round(STILL[0] * scale), round(STILL[1] * scale))
    still, lamp = ward.draw(Scene("ward", label), rng, wide)
    still = exposed(still, rng, lamp)
    grains = [_grain(rng, size) for _ in range(GRAINS)]
    with av.open(file, "w", format="mp4") as container:
        container.metadata["title"] = f"{MARK} 查房录像"
        stream = container.add_stream("libx264", rate=FRAMES_A_SECOND)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = round(VIDEO_BITS * scale * scale)
        # One thread, so that the same seed gives the same bytes whatever the number of cores.
        stream.options = {"preset": "superfast", "threads": "1"}
        for number, place in enumerate(_path(rng, seconds * FRAMES_A_SECOND, wide, size)):
            seen = still.crop((*place, place[0] + size[0], place[1] + size[1]))
            seen = ImageChops.add(seen, grains[number % GRAINS], offset=-128)
            stamp(seen)
            frame = av.VideoFrame.from_image(seen)  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_A_SECOND)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _path(
    rng: random.Random, frames: int, wide: tuple[int, int], size: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield the upper left corner of what is seen: a slow turn from side to side, and a hand's tremor."""
    room = (wide[0] - size[0], wide[1] - size[1])
    shake = [0.0, 0.0]
    for number in range(frames):
        share = 0.5 - 0.5 * math.cos(2 * math.pi * number / max(1, frames))
        shake = [0.85 * value + rng.gauss(0, 1.4) for value in shake]
        x, y = share * room[0] + shake[0], (0.5 - 0.3 * share) * room[1] + shake[1]
        yield min(max(0, round(x)), room[0]), min(max(0, round(y)), room[1])


def _grain(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    noise = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))
    return Image.merge("RGB", [noise.point([round(128 + (level - 128) * 0.07) for level in range(256)])] * 3)


def _seconds(rng: random.Random, count: int) -> Iterator[bytes]:
    """Yield the sound second by second, 16-bit samples; voices take turns every few seconds."""
    voices = [[_syllable(rng, hz) for _ in range(SYLLABLES)] for hz in VOICE_HZ]
    pauses = [_hush(rng, RATE * ms // 1000) for ms in (60, 120, 450, 900)]
    held, turn, left = bytearray(), 0, rng.randint(8, 30)
    for _ in range(count):
        while len(held) < 2 * RATE:
            held += rng.choice(voices[turn])
            held += rng.choices(pauses, (70, 20, 7, 3))[0]
            left -= 1
            if left == 0:
                turn, left = 1 - turn, rng.randint(8, 30)
                held += pauses[-1]
        yield bytes(held[: 2 * RATE])
        del held[: 2 * RATE]


def _hush(rng: random.Random, samples: int) -> bytes:
    """Return a room in which nobody speaks."""
    return array.array("h", [rng.randint(-160, 160) for _ in range(samples)]).tobytes()


def _syllable(rng: random.Random, hz: int) -> bytes:
    """Return a consonant's hiss and a vowel of two formants over a gliding voice."""
    hiss, length = rng.randint(300, 900), rng.randint(2200, 4600)
    first, second = rng.choice(VOWELS)
    pitch, glide, phase = hz * rng.uniform(0.9, 1.15), rng.uniform(-0.25, 0.2), 0.0
    tones = [(k, 1 / (1 + ((k * hz - first) / 160) ** 2) + 0.6 / (1 + ((k * hz - second) / 220) ** 2))
             for k in range(1, 1 + 3200 // hz, 2)]  # fmt: skip
    samples = [round(rng.gauss(0, 900)) for _ in range(hiss)]
    for place in range(length):
        share = place / length
        phase += 2 * math.pi * pitch * (1 + glide * share) / RATE
        loud = 5200 * math.sin(math.pi * share) ** 0.6
        samples.append(round(loud * sum(a * math.sin(k * phase) for k, a in tones) + rng.gauss(0, 60)))
    return array.array("h", [max(-32000, min(32000, value)) for value in samples]).tobytes()
