import numpy as np
import pytest

from codub.latent import EMBEDDED
from codub.speech.model import Style
from codub.speech.pitch import PitchRange
from codub.speech.style_pitch import F0_RANGES, USUAL_EXTENT, as_lively

STYLE = Style(EMBEDDED, np.zeros(256, np.float32), f0_factor=0.95)


def test_a_usual_speaker_changes_nothing() -> None:
    found = as_lively(STYLE, PitchRange(126.0, USUAL_EXTENT))
    assert (found.f0_factor, found.f0_range) == (0.95, pytest.approx(1))


def test_a_lively_speaker_is_followed_in_part() -> None:
    assert 1.05 < as_lively(STYLE, PitchRange(120.0, 1.2 * USUAL_EXTENT)).f0_range < 1.15
    assert 0.85 < as_lively(STYLE, PitchRange(120.0, 0.8 * USUAL_EXTENT)).f0_range < 0.95


def test_what_a_voice_bears_is_the_limit() -> None:
    assert as_lively(STYLE, PitchRange(120.0, 3.0)).f0_range == F0_RANGES[1]
    assert as_lively(STYLE, PitchRange(120.0, 0.0)).f0_range == F0_RANGES[0]


def test_a_whisper_changes_nothing() -> None:
    assert as_lively(STYLE, None) is STYLE
