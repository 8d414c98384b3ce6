"""Lines in the place of a film's words: who says them, and what is measured of lips that no film shows."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from codub.evaluation.lip_figures import FaceReport
from codub.evaluation.lip_goals import SAID, as_json, judge
from codub.evaluation.lips import LipClip, RemadeClip
from codub.evaluation.mouths import MouthTrack
from codub.evaluation.said_lines import said_by, said_shapes, shapes_alone
from codub.evaluation.tables import goals_table
from codub.face.crop import LEFT_EYE
from codub.face.mesh import INNER_LIPS_DOWN, MOUTH_CORNERS
from codub.latent import EMBEDDED, PhonemeSpan, SpeechLatent


def mouth(opening: list[float], width: list[float]) -> MouthTrack:
    """Meshes whose eyes are 1 apart."""
    points = np.zeros((len(opening), 468, 2), np.float32)
    points[:, list(LEFT_EYE), 0] = 1
    points[:, list(INNER_LIPS_DOWN), 1] = np.array(opening)[:, None]
    points[:, MOUTH_CORNERS[1], 0] = width
    return MouthTrack(points, ())


def line(*said: str) -> SpeechLatent:
    """Each sound lasts 0.1 s, a frame here."""
    spans = tuple(PhonemeSpan(sound, i / 10, (i + 1) / 10) for i, sound in enumerate(said))
    prosody = np.zeros(2 * 4 * len(said), np.float32)
    return SpeechLatent(EMBEDDED, np.zeros((512, 4 * len(said)), np.float32), prosody, prosody, spans)


def clip(person: str, latent: SpeechLatent) -> LipClip:
    frames = [np.zeros((8, 8, 3), np.uint8)] * 10
    return LipClip(f"{person}-film", person, frames, Fraction(10), latent, mouth([0.1] * 10, [0.7] * 10))


def test_every_person_says_every_line_once() -> None:
    lines = [line("b"), line("a"), line("i")]
    films = [clip("s2", line("o")), clip("s1", line("o")), clip("s2", line("u"))]
    said = said_by(films, lines)
    assert [one.name for one in said] == [f"{person}-line{n}" for person in ("s1", "s2") for n in (1, 2, 3)]
    assert [one.latent for one in said] == lines * 2
    assert said[3].frames is films[0].frames


def test_shapes_are_all_that_is_judged() -> None:
    spoken = clip("s1", line("s", "b", "s", "s", "a", "s", "s", "o", "s", "i"))
    made = mouth([0.1, 0.1, 0, 0.1, 0.3, 0.4, 0.1, 0.1, 0.1, 0.1], [0.7] * 7 + [0.6, 0.5, 0.7])
    shuts = replace(spoken, mouth=mouth([0.1] * 9 + [0.01], [0.7] * 10))
    figures = shapes_alone(RemadeClip(shuts, tuple(spoken.frames), made, (0,), 80))
    assert figures.frames == 10
    assert math.isnan(figures.mouth_psnr)
    report = FaceReport((figures,))
    judged = {one.measure.name: one for one in judge(report, SAID)}
    assert judged["p, b, m shut"].estimate.value == 1
    assert judged["p, b, m shut"].met
    assert judged["o narrower than i, e by"].estimate.value == pytest.approx(0.7 - 0.6)
    assert math.isnan(judged["a opens further than e by"].estimate.value)
    cells = {row[0]: row[1] for row in goals_table({SAID: report}).rows}
    assert cells["p, b, m shut"] == "1.00 (1.00 to 1.00), met"
    assert cells["a opens further than e by"] == "not measured"
    held = json.loads(json.dumps(as_json(report, SAID), allow_nan=False))
    assert held["shapes"]["a"]["made_opening"] == pytest.approx(0.3)
    assert held["shapes"]["a"]["true_opening"] is None


def test_lips_that_the_film_never_shows_shut_are_not_asked_to_shut() -> None:
    spoken = clip("s1", line("b", "a", "m"))
    figures = shapes_alone(RemadeClip(spoken, tuple(spoken.frames), spoken.mouth, (0,), 80))
    assert list(figures.shapes.sounds) == ["a"]


def test_a_short_vowel_is_on_its_way() -> None:
    spans = (PhonemeSpan("a", 0.0, 0.06), PhonemeSpan("i", 0.06, 0.2), PhonemeSpan("u", 2.0, 2.2))
    shapes = said_shapes(spans, Fraction(10), mouth([0.1, 0.2, 0.3], [0.7] * 3), shuts=True)
    assert list(shapes.sounds) == ["i"]
    assert shapes.sounds["i"][0].made_opening == pytest.approx(0.2)
