"""What somebody decides about a project's cast, checked against the project, with no model loaded."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from made_dubs import write_project_with_lines

from codub.dubbing.cast.casting import CastError, FaceChoice, FramePick
from codub.dubbing.cast.project import CastProject, open_cast, place
from codub.dubbing.consent import Consent
from codub.dubbing.origin import keep_origin, request_of
from codub.dubbing.request import DubRequest
from codub.errors import ProjectError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project_with_lines(tmp_path_factory.mktemp("project"))


@pytest.fixture
def work(folder: Path, tmp_path: Path) -> CastProject:
    """Ana says cues 1 and 2 in one.mp4, Ben says cue 3 in two.mp4."""
    return open_cast(DubRequest(folder / "PROJECT.otio", folder / "LINES.es.srt", tmp_path / "DUBBED.otio"))


def test_everybody_who_speaks_is_listed_with_what_is_known(work: CastProject) -> None:
    work.ledger.record(Consent("Ana", "She agreed.", "Eva", "2026-11-01"))
    ana, ben = work.entries()
    assert (ana.member.speaker, ana.cues, ana.seconds) == ("Ana", (1, 2), pytest.approx(1.2))
    assert (ana.agreed, ben.agreed) == (True, False)
    assert (ana.card, ana.limit) == (None, 60.0)
    said = work.report()
    assert "Ana: 2 lines, 1.2 s; consent 2026-11-01: voice and face, declared by Eva" in said
    assert "Ben: 1 line, 1.1 s; no consent recorded" in said
    assert "voice from all lines, not listened to yet" in said
    work.ledger.record(Consent("ana", "She took it back.", "Eva", scope=()))
    assert not work.entries()[0].agreed


def test_speakers_are_found_by_either_name(work: CastProject) -> None:
    work.set_voice("ana", shown="Ana Bell", fit_seconds=20.0)
    assert work.speaker("ANA BELL") == work.speaker("Ana") == "Ana"
    assert work.entries()[0].limit == 20.0
    with pytest.raises(CastError, match=r"'Eva' speaks.*Ana, Ben"):
        work.speaker("Eva")


def test_a_voice_is_taken_from_lines_or_a_recording_or_all(work: CastProject, folder: Path) -> None:
    assert work.set_voice("Ana", cues=[2]).cues == (2,)
    assert work.entries()[0].stem != work.entries()[1].stem
    member = work.set_voice("Ana", recording=folder / "media" / "talk.wav", fit_seconds=9.0)
    assert (member.cues, member.recording) == ((), str(folder / "media" / "talk.wav"))
    assert work.set_voice("Ana", cues=[1]).recording == ""
    assert work.set_voice("Ana", auto=True).automatic
    with pytest.raises(CastError, match=r"Cue 3 is no line of 'Ana'.*1, 2"):
        work.set_voice("Ana", cues=[1, 3])
    with pytest.raises(CastError, match="does not exist"):
        work.set_voice("Ana", recording=folder / "gone.wav")


def test_another_decision_is_another_card(work: CastProject) -> None:
    stems = {work.entries()[0].stem}
    for decision in ({"cues": [1]}, {"cues": [2]}, {"fit_seconds": 5.0}):
        work.set_voice("Ana", **decision)  # type: ignore[arg-type]
        stems.add(work.entries()[0].stem)
    assert len(stems) == 4
    work.set_voice("Ana", auto=True)
    assert work.entries()[0].stem in stems


@pytest.mark.parametrize(
    ("text", "frame", "at"), [("one.mp4@7", 7, None), ("one.mp4@7@0.25,0.5", 7, (0.25, 0.5)), ("one.mp4", 0, None)]
)
def test_frames_are_written_by_the_medias_name(
    work: CastProject, folder: Path, text: str, frame: int, at: tuple[float, float] | None
) -> None:
    assert work.pick(text) == FramePick(str(folder / "media" / "one.mp4"), frame, at)
    assert work.pick(str(folder / "media" / text)) == work.pick(text)


def test_media_that_nobody_knows_are_told(work: CastProject) -> None:
    with pytest.raises(CastError, match=r"no media 'three.mp4'.*one.mp4, two.mp4"):
        work.pick("three.mp4@3")
    with pytest.raises(CastError, match=r"'0.5' is no place"):
        place("0.5")


def test_a_face_is_chosen_where_the_line_is_seen(work: CastProject, folder: Path) -> None:
    one = str(folder / "media" / "one.mp4")
    assert work.set_face(1, (0.25, 0.5)).faces == (FaceChoice(1, one, 12, (0.25, 0.5)),)
    assert work.set_face(1, (0.75, 0.5), clip="one", frame=20).faces == (FaceChoice(1, one, 20, (0.75, 0.5)),)
    assert work.set_face(2, None).faces[-1].at is None
    assert "cue 2: nobody of one.mp4" in work.report()
    assert [choice.cue for choice in work.set_face(1, None, auto=True).faces] == [2]
    with pytest.raises(CastError, match=r"'one' does not show frame 99.*0 to 44"):
        work.set_face(1, (0.5, 0.5), frame=99)
    with pytest.raises(CastError, match=r"Cue 1 is not seen in clip 'two'.*one"):
        work.set_face(1, None, clip="two")


def test_a_dubbed_timeline_knows_what_it_was_made_from(work: CastProject, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="not known what"):
        request_of(tmp_path / "DUBBED.otio")
    request = replace(work.request, cues=(1,), seed=4, media_folders=(tmp_path,))
    keep_origin(request)
    again = request_of(tmp_path / "DUBBED.otio")
    assert (again.cues, again.seed, again.language) == ((), 0, "es")
    assert again.lines.resolve() == request.lines
    assert open_cast(again).report() == work.report()
    (tmp_path / "DUBBED.codub" / "origin.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(ProjectError, match="cannot be read"):
        request_of(tmp_path / "DUBBED.otio")


def test_listing_and_deciding_load_no_model(folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from codub.dubbing.cast.project import open_cast\n"
        "import codub.dubbing.cast.mouth_pictures\n"  # and what was found is shown
        "from codub.dubbing.request import DubRequest\n"
        "work = open_cast(DubRequest(*map(Path, sys.argv[1:4]))); work.set_face(1, (0.5, 0.5)); work.report()\n"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    arguments = [str(folder / "PROJECT.otio"), str(folder / "LINES.es.srt"), str(tmp_path / "DUBBED.otio")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
