"""Timeline and lines in, plan out, and whatever was wrong with the files is said."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from made_dubs import opened, write_lines

from codub.dubbing.marking import mark_written
from codub.dubbing.opening import DubProject, open_lines, open_project
from codub.dubbing.request import DubRequest
from codub.errors import ProjectError, UsageError


def project(folder: Path, **changes: Any) -> DubProject:
    values = {"lines": folder / "LINES.es.srt", "output": folder / "DUBBED.otio", **changes}
    return open_project(DubRequest(folder / "PROJECT.otio", **values))


def test_lines_and_clips_come_together(film: Path) -> None:
    made = opened(film)
    assert (made.language, [cue.text for cue in made.cues]) == ("es", ["Uno.", "Dos.", "Tres."])
    assert [shot.parts[0].clip.name for shot in made.plan.shots] == ["one", "one", "two"]
    assert made.notes == ()


def test_only_the_cues_asked_for_are_planned_but_all_are_known(film: Path) -> None:
    made = project(film, cues=(2,))
    assert [shot.cue.number for shot in made.plan.shots] == [2]
    assert len(made.cues) == 3


@pytest.mark.parametrize(("changes", "said"), [({"cues": (7,)}, "no cue 7"), ({"track": "V9"}, "no track 'V9'")])
def test_what_does_not_exist_is_told(film: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        project(film, **changes)


def test_a_file_without_lines_is_refused(film: Path) -> None:
    (film / "LINES.es.srt").write_text("\n")
    with pytest.raises(ProjectError, match="hold no cue"):
        project(film)


def test_original_lines_stand_beside_their_translation(film: Path) -> None:
    write_lines(film / "LINES.en.srt", "One.", "Two.", "Three.")
    made = project(film, source_lines=film / "LINES.en.srt")
    assert [cue.source_text for cue in made.cues] == ["One.", "Two.", "Three."]
    assert [cue.source_text for cue in opened(film).cues] == ["", "", ""]


def test_missing_media_are_said_and_do_not_stop_the_others(film: Path) -> None:
    (film / "media" / "talk.wav").unlink()
    made = opened(film)
    assert len(made.plan.shots) == 3
    assert any("talk" in note for note in made.notes)


def test_an_edited_dub_is_what_goes_on(film: Path) -> None:
    edited = otio.adapters.read_from_file(str(film / "PROJECT.otio"))
    otio.adapters.write_to_file(edited, str(film / "DUBBED.otio"))
    mark_written(film / "DUBBED.otio", film / "DUBBED.codub")
    assert opened(film).notes == ()
    for track in edited.tracks:  # the editor puts a second of black before everything
        track.insert(0, otio.schema.Gap(duration=otio.opentime.RationalTime(25, 25)))
    otio.adapters.write_to_file(edited, str(film / "DUBBED.otio"))
    made = opened(film)
    assert "'DUBBED.otio' was edited" in made.notes[0]
    assert made.plan.placement.of_kind("video")[0].start == Fraction(1)


def test_lines_without_a_plan_are_the_plans_own(film: Path) -> None:
    made = open_lines(DubRequest(film / "PROJECT.otio", film / "LINES.es.srt", film / "DUBBED.otio"))
    plan = opened(film).plan
    assert made.placement == plan.placement
    assert tuple(map(made.shoot, made.cues)) == plan.shots
    (film / "media" / "talk.wav").unlink()
    made = open_lines(DubRequest(film / "PROJECT.otio", film / "LINES.es.srt", film / "DUBBED.otio"))
    assert any("talk" in note for note in made.notes)
