"""Figures over people, their intervals, goals and tables, on clips whose figures are known."""

import json
import math
from dataclasses import replace

import pytest

from codub.evaluation.lip_figures import FaceReport, LipFigures, over_people, shut_where_true
from codub.evaluation.lip_goals import MEASURES, Goal, as_json, judge
from codub.evaluation.lip_shapes import MouthShapes, Sound
from codub.evaluation.tables import clips_table, goals_table, ranking_table, shapes_table


def row(name: str, person: str, psnr: float, pbm: tuple[tuple[float, float], ...] = ()) -> LipFigures:
    sounds = {
        "pbm": tuple(Sound(true, made, 0.7, 0.7) for true, made in pbm),
        "a": (Sound(0.2, psnr / 100, 0.8, 0.7),),
        "e": (Sound(0.1, 0.1, 0.8, 0.7),),
    }
    values = dict.fromkeys(
        ("mouth_ssim", "crop_psnr", "crop_ssim", "copied_psnr", "copied_ssim", "distance", "copied_distance"), 1.0
    )
    shapes = MouthShapes(sounds, 4, 3)
    return LipFigures(
        name,
        person,
        10,
        mouth_psnr=psnr,
        **values,
        correlation=0.9,
        opening_ratio=1.2,
        sharpness=1,
        flicker=math.nan,
        shapes=shapes,
    )


REPORT = FaceReport(
    (row("a1", "a", 30, ((0, 0), (0, 0.1))), row("a2", "a", 20), row("b1", "b", 35, ((0, 0), (0.2, 0))))
)


def test_a_person_counts_once() -> None:
    assert REPORT.mean("mouth_psnr") == pytest.approx(30)
    assert math.isnan(REPORT.mean("flicker"))


def test_shapes_are_over_all_sounds() -> None:
    assert REPORT.shapes()["a"].count == 3
    assert REPORT.shapes()["a"].made_opening == pytest.approx((0.3 + 0.2 + 0.35) / 3)
    assert REPORT.shapes()["pbm"].true_shut == pytest.approx(3 / 4)


def test_closure_counts_what_the_film_closes() -> None:
    assert shut_where_true(REPORT.clips) == pytest.approx(2 / 3)


def test_the_interval_spans_the_people() -> None:
    """Two people at 25 and 35: draws give 25, 30 or 35, and clips of the first 20 to 30."""
    estimate = REPORT.estimate(over_people("mouth_psnr"))
    assert estimate.value == pytest.approx(30)
    assert (estimate.low, estimate.high) == pytest.approx((20, 35), abs=2.6)
    alike = FaceReport(tuple(replace(clip, mouth_psnr=30.0) for clip in REPORT.clips))
    assert alike.estimate(over_people("mouth_psnr")).low == pytest.approx(30)


def test_goals_are_met_within_their_bounds() -> None:
    assert Goal(least=31).met(31)
    assert not Goal(0.85, 1.15).met(1.2)
    assert not Goal(most=0.8).met(math.nan)
    assert str(Goal(0.85, 1.15)) == "0.85 to 1.15"


def test_goals_of_text_are_not_asked_of_sound() -> None:
    met = {drive: {j.measure.name: j.met for j in judge(REPORT, drive)} for drive in ("sound", "text")}
    assert met["sound"]["mouth PSNR, dB"] is False
    assert met["text"]["mouth PSNR, dB"] is None
    assert met["text"]["p, b, m shut where the film shuts them"] is False
    assert met["sound"]["p, b, m shut where the film shuts them"] is None
    assert met["text"]["a opens further than e by"] is True


def test_the_tables_say_value_interval_and_verdict() -> None:
    table = goals_table({"text": REPORT})
    cells = {cells[0]: cells[1] for cells in table.rows}
    assert cells["opening, correlation"] == "0.90 (0.90 to 0.90), met"
    assert cells["a opens further than e by"].endswith("; film 0.100, met")
    assert cells["flicker made / true"] == "not measured"
    assert table.markdown().splitlines()[1] == "| --- | --- | --- |"
    assert len(table.plain().splitlines()) == len(MEASURES) + 1
    assert shapes_table(REPORT).rows[0][1:3] == ("3", "0.200 / 0.283")
    assert len(clips_table(REPORT).rows) == 3


def test_json_holds_the_same_without_nan() -> None:
    held = json.loads(json.dumps(as_json(REPORT, "text"), allow_nan=False))
    assert [clip["mouth_psnr"] for clip in held["clips"]] == [30, 20, 35]
    assert next(f for f in held["figures"] if f["name"] == "mouth PSNR, dB")["value"] == pytest.approx(30)


def test_places_go_from_the_best_on() -> None:
    better = FaceReport(
        tuple(replace(clip, mouth_psnr=clip.mouth_psnr + 1, opening_ratio=0.9, distance=2.0) for clip in REPORT.clips)
    )
    cells = {cells[0]: cells[1:] for cells in ranking_table({"one": REPORT, "other": better}).rows}
    assert cells["mouth PSNR, dB"] == ("30.0 (2)", "31.0 (1)")
    assert cells["LMD, pixels of 96"] == ("1.00 (1)", "2.00 (2)")
    assert cells["opening, spread made / true"] == ("1.20 (2)", "0.90 (1)")
    assert not any(name.startswith("copying") for name in cells)
