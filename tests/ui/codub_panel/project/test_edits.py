from dataclasses import replace
from fractions import Fraction

import pytest

from codub.errors import ProjectError
from codub.speech.model import Delivery
from codub.timeline.cues import Cue
from codub.timeline.subtitles import read_subtitles
from codub_panel.project.edits import UNTOUCHED, LineEdit, LineEdits

CUES = (
    Cue(3, "¿Dónde está?", "es", "ANA", Fraction(1), Fraction(5, 2)),
    Cue(4, "No lo sé.", "es", "LUIS", Fraction(3), Fraction(4001, 1000), on_screen=False),
    Cue(9, "Nadie lo sabe.", "es", "", Fraction(3725), Fraction(3727)),
)
FULL = LineEdit(
    "¿Adónde fue?", Fraction(9, 10), Fraction(2503, 1000), Delivery(pace=1.1, durations=(None, 0.125)), "warmer"
)


def test_an_edit_survives_and_an_untouched_line_has_none(tmp_path):
    LineEdits(tmp_path).put(CUES[0], FULL)
    edits = LineEdits(tmp_path)
    assert edits.of(CUES[0]) == FULL
    assert edits.of(CUES[0]).applied(CUES[0]) == replace(CUES[0], text=FULL.text, start=FULL.start, end=FULL.end)
    assert edits.of(CUES[0]).changes() == {"text", "window", "delivery"}
    assert edits.of(CUES[1]) == UNTOUCHED
    edits.put(CUES[0], UNTOUCHED)
    assert LineEdits(tmp_path).of(CUES[0]) == UNTOUCHED


def test_an_edit_of_a_text_that_came_anew_does_not_count(tmp_path):
    LineEdits(tmp_path).put(CUES[0], FULL)
    delivered = replace(CUES[0], text="¿Dónde anda?")
    edit = LineEdits(tmp_path).of(delivered)
    assert edit == replace(FULL, text=None, delivery=Delivery(pace=1.1))  # durations are of the text's sounds


def test_an_edit_of_a_time_that_came_anew_does_not_count(tmp_path):
    LineEdits(tmp_path).put(CUES[0], FULL)
    edit = LineEdits(tmp_path).of(replace(CUES[0], end=Fraction(3)))
    assert edit == replace(FULL, start=None, end=None)


def test_only_texts_and_times_make_other_subtitles(tmp_path):
    edits = LineEdits(tmp_path)
    edits.put(CUES[0], LineEdit(delivery=Delivery(pitch=1.0), comment="x"))
    assert not edits
    edits.put(CUES[1], LineEdit(end=Fraction(4)))
    assert edits


def test_the_subtitles_for_the_worker_are_read_as_the_same_cues(tmp_path):
    path = LineEdits(tmp_path).write_subtitles("LINES.es", CUES)
    assert path.name == "LINES.es.srt"
    found = read_subtitles(path, "es")
    assert found.cues == CUES
    assert found.problems == ()


def test_edits_of_the_first_codub_are_read(tmp_path):
    (tmp_path / "edits.json").write_text('{"es 3": ["¿Dónde está?", "¿Adónde fue?"]}', encoding="utf-8")
    edits = LineEdits(tmp_path)
    assert edits
    assert edits.of(CUES[0]) == LineEdit(text="¿Adónde fue?")
    edits.put(CUES[1], LineEdit(comment="x"))
    assert LineEdits(tmp_path).of(CUES[0]) == LineEdit(text="¿Adónde fue?")


@pytest.mark.parametrize("text", ["{", "[]", '{"layout": 9, "lines": {}}', '{"es 3": "x"}'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "edits.json").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match=r"edits\.json"):
        LineEdits(tmp_path)


def test_an_edit_that_means_nothing_is_named_with_its_line(tmp_path):
    LineEdits(tmp_path).put(CUES[0], FULL)
    path = tmp_path / "edits.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"pace"', '"speed"'), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"edit of line 3 in '.*edits.json'.*'speed'"):
        LineEdits(tmp_path).of(CUES[0])
