import numpy as np
import pytest

from codub.latent import EMBEDDED
from codub.speech.model import Style
from codub.speech.pitch import PitchRange
from codub.speech.style_pitch import F0_RANGES, USUAL_EXTENT, as_lively

STYLE = Style(EMBEDDED, np.zeros(256, np.float32), f0_factor=0.95)
SPOKEN = PitchRange(120.0, USUAL_EXTENT)


def test_only_the_range_is_moved() -> None:
    found = as_lively(STYLE, PitchRange(126.0, USUAL_EXTENT), SPOKEN)
    assert (found.f0_factor, found.f0_range) == (0.95, pytest.approx(1))


def test_a_lively_speaker_is_followed_in_part() -> None:
    lively = as_lively(STYLE, PitchRange(120.0, 1.2 * USUAL_EXTENT), SPOKEN)
    assert 1.05 < lively.f0_range < 1.2
    flat = as_lively(STYLE, PitchRange(120.0, 0.8 * USUAL_EXTENT), SPOKEN)
    assert 0.8 < flat.f0_range < 0.95


def test_what_a_voice_bears_is_the_limit() -> None:
    assert as_lively(STYLE, PitchRange(120.0, 3.0), SPOKEN).f0_range == F0_RANGES[1]
    assert as_lively(STYLE, PitchRange(120.0, 0.01), PitchRange(120.0, 3.0)).f0_range == F0_RANGES[0]


def test_a_whisper_changes_nothing() -> None:
    assert as_lively(STYLE, None, SPOKEN) is STYLE
    assert as_lively(STYLE, SPOKEN, None) is STYLE
    assert as_lively(STYLE, SPOKEN, PitchRange(120.0, 0.0)) is STYLE
