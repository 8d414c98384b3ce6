"""Sounds are read at their own frames: shut p, b, m, wide a, silence, diphthongs whole."""

from fractions import Fraction

import numpy as np
import pytest

from codub.evaluation.lip_shapes import closure, joined, mouth_shapes
from codub.evaluation.mouths import MouthTrack
from codub.face.crop import LEFT_EYE
from codub.face.mesh import INNER_LIPS_DOWN, MOUTH_CORNERS
from codub.latent import PhonemeSpan


def mouth(opening: list[float], width: list[float] | None = None) -> MouthTrack:
    """Meshes whose eyes are 1 apart."""
    points = np.zeros((len(opening), 468, 2), np.float32)
    points[:, list(LEFT_EYE), 0] = 1
    points[:, list(INNER_LIPS_DOWN), 1] = np.array(opening)[:, None]
    points[:, MOUTH_CORNERS[1], 0] = width or [0.7] * len(opening)
    return MouthTrack(points, ())


def spans(*parts: tuple[str, float]) -> list[PhonemeSpan]:
    result, time = [], 0.0
    for phoneme, duration in parts:
        result.append(PhonemeSpan(phoneme, time, time + duration))
        time += duration
    return result


def test_a_vowel_keeps_its_length_and_its_glide() -> None:
    own = joined(spans(("w", 0.1), ("ˈ", 0.1), ("a", 0.1), ("ɪ", 0.1), ("t", 0.1), ("ɪ", 0.1), ("ː", 0.1)))  # noqa: RUF001
    assert [span.phoneme for span in own] == ["w", "aɪ", "t", "ɪː"]  # noqa: RUF001
    assert own[1].start == pytest.approx(0.2)
    assert own[1].end == pytest.approx(0.4)


def test_a_stressed_vowel_after_a_vowel_is_its_own() -> None:
    own = joined(spans(("i", 0.1), ("ˈ", 0.1), ("ɪ", 0.1)))  # noqa: RUF001
    assert [span.phoneme for span in own] == ["i", "ɪ"]  # noqa: RUF001


def test_each_shape_reads_its_own_kind_of_frame() -> None:
    """Ten frames a second; a frame either side counts for sounds, none for silence."""
    said = spans(("", 0.3), ("b", 0.1), ("a", 0.2), ("", 0.4))
    true = mouth([0, 0, 0.1, 0.05, 0.2, 0.3, 0.1, 0, 0, 0.02])
    made = mouth([0, 0.1, 0.02, 0.06, 0.2, 0.1, 0.25, 0, 0, 0.2], [0.7, 0.7, 0.7, 0.7, 0.6, 0.6, 0.6, 0.7, 0.7, 0.7])
    shapes = mouth_shapes(said, Fraction(10), true, made)
    (b,), (a,), silences = (shapes.sounds[name] for name in ("pbm", "a", "silence"))
    assert (b.true_opening, b.made_opening) == pytest.approx((0.05, 0.02))
    assert (a.true_opening, a.made_opening) == pytest.approx((0.3, 0.25))
    assert a.made_width == pytest.approx(0.625)
    assert [s.true_opening for s in silences] == pytest.approx([0, 0.01])
    assert (shapes.silent_true_shut, shapes.silent_both_shut) == (5, 3)


def test_closure_is_asked_for_where_the_film_closes() -> None:
    said = spans(("p", 0.1), ("s", 0.3), ("b", 0.1), ("s", 0.3), ("m", 0.1), ("s", 0.1))
    true = mouth([0, 0.2, 0.2, 0.2, 0, 0.2, 0.2, 0.2, 0.2, 0.2])
    made = mouth([0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0, 0.2])
    assert closure([mouth_shapes(said, Fraction(10), true, made)]) == (2, 1)
