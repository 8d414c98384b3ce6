"""Made sounds of two kinds, and a speaker who says one of them brighter than the voice does."""

import numpy as np
import pytest

from codub.speech.equaliser import BANDS, equalised
from codub.speech.sound_gains import (
    CEPSTRA,
    FARTHEST,
    LIMIT,
    SoundAxes,
    differing,
    gains_over_time,
    sound_axes,
    sound_gains,
)

RATE, VECTOR = 16_000, 400
BRIGHTER = 3 * np.cos(np.pi * (np.arange(BANDS) + 0.5) / BANDS)  # dB, half of what the two kinds differ by
SECONDS = 8


def known(doubt: float = 1.0, usual: float = 0.0) -> SoundAxes:
    """One axis: the first of the features."""
    axes = np.zeros((512, 1))
    axes[0] = 1
    return SoundAxes(np.zeros(512), axes, np.full((1, CEPSTRA - 1), usual), np.full((1, CEPSTRA - 1), doubt))


def features() -> np.ndarray:
    """Half a second of each kind by turns."""
    kinds = np.zeros((512, SECONDS * 40), np.float32)
    kinds[0] = np.where(np.arange(SECONDS * 40) // 20 % 2, 1, -1)
    return kinds


def sound(own: bool) -> np.ndarray:
    """Noise; where the speaker says it, either kind is filtered another way."""
    random = np.random.default_rng(int(own))
    white = (0.05 * random.standard_normal(SECONDS * RATE)).astype(np.float32)
    if not own:
        return white
    brighter, darker = (equalised(white, RATE, (sign * BRIGHTER).astype(np.float32)) for sign in (1, -1))
    return np.where(np.repeat(features()[0], VECTOR) > 0, brighter, darker).astype(np.float32)


def test_what_a_speaker_says_otherwise_is_found() -> None:
    said = differing(known().places(features()), sound(own=True), sound(own=False))
    assert said.frames > 0.9 * 100 * SECONDS
    gains = sound_gains(said, known())
    assert gains.shape == (1, BANDS)
    assert np.abs(gains[0] - BRIGHTER).max() < 1.0  # dB


def test_a_speaker_who_is_as_usual_gets_nothing() -> None:
    said = differing(known().places(features()), sound(own=True), sound(own=False))
    usual = said.both / said.places
    as_usual = SoundAxes(known().middle, known().axes, usual, known().doubt)
    assert np.abs(sound_gains(said, as_usual)).max() < 1e-6


def test_where_much_is_doubted_little_is_believed() -> None:
    said = differing(known().places(features()), sound(own=True), sound(own=False))
    assert np.abs(sound_gains(said, known(doubt=1e6))).max() < 0.01


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.03])
def test_of_hardly_any_sound_nothing_is_learned(seconds: float) -> None:
    count = round(seconds * RATE)
    said = differing(known().places(features()), sound(own=True)[:count], sound(own=False)[:count])
    assert np.abs(sound_gains(said, known())).max() < 0.3


def test_each_moment_gets_what_its_sound_gets() -> None:
    gains = gains_over_time(features(), BRIGHTER[None].astype(np.float32), known())
    assert gains.shape == (SECONDS * 40, BANDS)
    for start, sign in ((0, -1), (20, 1)):  # but for where one kind goes over into the other
        np.testing.assert_allclose(gains[start + 2 : start + 18], np.tile(sign * BRIGHTER, (16, 1)), atol=1e-5)
    np.testing.assert_allclose(gains[20], 0.5 * BRIGHTER, atol=1e-5)


def test_no_moment_gets_more_than_the_limit() -> None:
    far = 1000 * features()
    assert np.abs(known().places(far)).max() == FARTHEST
    gains = gains_over_time(far, np.full((1, BANDS), 100, np.float32), known())
    assert np.abs(gains).max() == LIMIT


def test_what_ships_knows_forty_axes() -> None:
    ships = sound_axes()
    assert ships.axes.shape == (512, 40)
    assert ships.usual.shape == ships.doubt.shape == (40, CEPSTRA - 1)
    assert all(np.isfinite(values).all() for values in vars(ships).values())
    assert (ships.doubt > 0).all()
