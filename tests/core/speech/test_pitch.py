import numpy as np
import pytest

from codub.speech.pitch import median_f0, pitch_range, track_f0

RATE = 16_000


def tone(f0: float, harmonics: int = 1, seconds: float = 1.0, start: int = 1) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    parts = [np.sin(2 * np.pi * f0 * k * t + k) / k for k in range(start, start + harmonics) if f0 * k < RATE / 2]
    return (0.2 * np.sum(parts, axis=0)).astype(np.float32)


@pytest.mark.parametrize("f0", [62, 80, 123.4, 220, 310, 395])
def test_f0_of_tones_and_of_rich_sounds(f0: float) -> None:
    assert median_f0(tone(f0)) == pytest.approx(f0, rel=2e-3)
    assert median_f0(tone(f0, harmonics=12)) == pytest.approx(f0, rel=2e-3)


def test_a_missing_fundamental_is_heard() -> None:
    # A telephone cuts the fundamental; the period is still there.
    assert median_f0(tone(110, harmonics=8, start=3)) == pytest.approx(110, rel=5e-3)


def test_noise_of_a_room_does_not_move_it() -> None:
    hiss = 0.02 * np.random.default_rng(1).standard_normal(RATE).astype(np.float32)
    assert median_f0(tone(140, harmonics=10) + hiss) == pytest.approx(140, rel=1e-2)


def test_a_glide_is_followed() -> None:
    t = np.arange(2 * RATE) / RATE
    f0 = 100 + 50 * t
    glide = np.sin(2 * np.pi * (100 * t + 25 * t**2)).astype(np.float32)
    tracked = track_f0(glide)
    at = (np.arange(len(tracked)) * 160 + 300) / RATE
    assert np.abs(tracked - np.interp(at, t, f0)).max() < 3


def test_a_range_goes_from_low_to_high() -> None:
    t = np.arange(4 * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(150 * np.exp(0.3 * np.sin(2 * np.pi * t))) / RATE
    found = pitch_range((0.2 * np.sin(phase)).astype(np.float32))
    assert found is not None
    assert found.median_hz == pytest.approx(150, rel=0.02)
    assert found.extent == pytest.approx(0.6 * np.sin(0.4 * np.pi), rel=0.03)  # of a sine 10 % lie beyond


@pytest.mark.parametrize("kind", ["noise", "silence", "short", "empty"])
def test_what_has_no_pitch_has_none(kind: str) -> None:
    sounds = {
        "noise": np.random.default_rng(0).standard_normal(RATE).astype(np.float32),
        "silence": np.zeros(RATE, np.float32),
        "short": tone(100, seconds=0.05),
        "empty": np.zeros(0, np.float32),
    }
    assert median_f0(sounds[kind]) is None
