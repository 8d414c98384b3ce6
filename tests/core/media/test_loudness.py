from math import inf

import numpy as np
import pytest
from pyloudnorm import Meter

from codub.media.loudness import (
    gain_to_match,
    limit_peaks,
    match_level,
    measure,
    momentary_levels,
    speech_level,
    true_peak,
)

RATE = 48000


def tone(level_db: float, seconds: float = 3.0, hertz: float = 997.0) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def bursts(level_db: float) -> np.ndarray:
    """Speech-like: noise in syllables, with pauses of a second."""
    rng = np.random.default_rng(3)
    envelope = np.repeat(np.array([1, 1, 0, 1, 0, 0, 1, 1, 1, 0] * 3, np.float32), RATE // 2)
    return (10 ** (level_db / 20) * envelope * rng.normal(0, 1, len(envelope))).astype(np.float32)


@pytest.mark.parametrize("seconds", [0.2, 0.4, 3.0])
def test_a_full_scale_tone_reads_what_bs1770_says(seconds):
    # BS.1770: 0 dBFS at 997 Hz in one front channel reads -3.01 LKFS.
    assert speech_level(tone(0, seconds), RATE) == pytest.approx(-3.01, abs=0.1)


@pytest.mark.parametrize("seconds", [0.5, 1.2, 9.9])
def test_speech_level_is_pyloudnorms(seconds):
    sound = bursts(-20)[: int(seconds * RATE)]

    assert speech_level(sound, RATE) == pytest.approx(
        Meter(RATE).integrated_loudness(sound.astype(np.float64)), abs=0.05
    )


def test_pauses_do_not_count():
    sound = bursts(-20)
    silence = np.zeros(RATE * 5, np.float32)

    assert speech_level(np.concatenate([silence, sound, silence]), RATE) == pytest.approx(
        speech_level(sound, RATE), abs=0.3
    )


def test_silence_has_no_level_and_gets_no_gain():
    assert speech_level(np.zeros(RATE, np.float32), RATE) == -inf
    assert speech_level(np.zeros(0, np.float32), RATE) == -inf
    assert speech_level(np.full(RATE, 1e-6, np.float32), RATE) == -inf  # below BS.1770's absolute gate
    assert gain_to_match(-23, -inf) == 0
    assert true_peak(np.zeros(100, np.float32), RATE) == -inf


def test_a_line_gets_the_level_of_the_original():
    matched = match_level(bursts(-40), RATE, speech_level(bursts(-28), RATE))

    assert speech_level(matched, RATE) == pytest.approx(speech_level(bursts(-28), RATE), abs=0.1)


def test_true_peaks_between_samples_are_seen():
    # A quarter of the sampling rate, phased so that samples miss the crest by 3 dB.
    t = np.arange(RATE)
    sound = np.sin(np.pi / 2 * t + np.pi / 4).astype(np.float32)

    assert np.abs(sound).max() == pytest.approx(0.707, abs=1e-3)
    assert true_peak(sound[: RATE // 2] * np.hanning(RATE // 2).astype(np.float32), RATE) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("stereo", [False, True])
def test_the_limiter_keeps_peaks_down_and_the_rest_alone(stereo):
    sound = tone(-12)
    sound[RATE : RATE + 400] *= 8
    sound = np.stack([sound, sound * 0.5], axis=1) if stereo else sound

    limited = limit_peaks(sound, RATE)

    assert true_peak(limited, RATE) <= -1 + 0.01
    away = np.r_[0 : RATE - 1000, RATE + 1400 : len(sound)]
    assert np.array_equal(limited[away], sound[away])
    if stereo:
        assert np.allclose(limited[:, 1], limited[:, 0] * 0.5, atol=1e-6)


def test_the_limiter_leaves_quiet_sound_untouched():
    sound = tone(-6)
    assert limit_peaks(sound, RATE) is sound


@pytest.mark.parametrize("channels", [1, 2])
def test_block_by_block_measures_like_the_whole(channels):
    sound = np.stack([bursts(-20), bursts(-26)][:channels], axis=1)

    measured = measure((sound[i : i + 77777] for i in range(0, len(sound), 77777)), RATE)

    assert measured.integrated == pytest.approx(Meter(RATE).integrated_loudness(sound.astype(np.float64)), abs=0.02)
    assert measured.true_peak == pytest.approx(true_peak(sound, RATE), abs=0.3)


def test_momentary_loudness_is_pyloudnorms_of_each_block():
    sound = np.concatenate([np.zeros(RATE, np.float32), tone(-20, 1.0), tone(-32, 1.0)])
    levels = momentary_levels(sound, RATE)
    assert len(levels) == 27
    assert levels[0] == -inf
    # Far from the edges of the tones, where the filter has settled.
    for at in (14, 15, 24, 25):
        block = np.concatenate([sound[at * RATE // 10 - RATE // 4 : at * RATE // 10 + 4 * RATE // 10]])
        assert levels[at] == pytest.approx(Meter(RATE, block_size=0.4).integrated_loudness(block), abs=0.3)
    assert levels[15] - levels[25] == pytest.approx(12, abs=0.05)
    assert len(momentary_levels(sound[: RATE // 3], RATE)) == 0
