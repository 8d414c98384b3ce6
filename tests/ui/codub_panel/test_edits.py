from dataclasses import replace
from fractions import Fraction

import pytest

from codub.errors import ProjectError
from codub.timeline.cues import Cue
from codub.timeline.subtitles import read_subtitles
from codub_panel.edits import LineEdits

CUES = (
    Cue(3, "¿Dónde está?", "es", "ANA", Fraction(1), Fraction(5, 2)),
    Cue(4, "No lo sé.", "es", "LUIS", Fraction(3), Fraction(4001, 1000), on_screen=False),
    Cue(9, "Nadie lo sabe.", "es", "", Fraction(3725), Fraction(3727)),
)


def test_an_edit_survives_and_its_own_text_takes_it_away(tmp_path):
    LineEdits(tmp_path).change(CUES[0], "¿Adónde fue?")
    edits = LineEdits(tmp_path)
    assert edits.applied(CUES[0]) == replace(CUES[0], text="¿Adónde fue?")
    assert edits.applied(CUES[1]) == CUES[1]
    edits.change(CUES[0], CUES[0].text)
    assert not LineEdits(tmp_path)


def test_an_edit_of_a_text_that_came_anew_does_not_count(tmp_path):
    LineEdits(tmp_path).change(CUES[0], "¿Adónde fue?")
    delivered = replace(CUES[0], text="¿Dónde anda?")
    assert LineEdits(tmp_path).applied(delivered) == delivered


def test_the_subtitles_for_the_worker_are_read_as_the_same_cues(tmp_path):
    path = LineEdits(tmp_path).write_subtitles("LINES.es", CUES)
    assert path.name == "LINES.es.srt"
    found = read_subtitles(path, "es")
    assert found.cues == CUES
    assert found.problems == ()


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "edits.json").write_text("{", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"edits\.json"):
        LineEdits(tmp_path)
