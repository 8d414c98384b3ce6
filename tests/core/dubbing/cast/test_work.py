"""Voices heard, fitted and tried; faces looked for; on a made project with quick models."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from made_dubs import OneFace, QuickModels, TwoFaces, still, write_project_with_lines
from PIL import Image

from codub.dubbing.cast.look import SHEET_CELL, write_sheet
from codub.dubbing.cast.project import open_cast
from codub.dubbing.cast.voice_card import VoiceCard
from codub.dubbing.cast.work import CastWork
from codub.dubbing.consent import Consent, ConsentError
from codub.dubbing.memory import Memory
from codub.dubbing.request import DubRequest
from codub.errors import CueError, MediaError
from codub.face.landmarks import FaceLandmarks
from codub.media.provenance import is_marked
from codub.speech.activity import Interval


class BothSpeak(TwoFaces):
    """Two faces whose mouths move alike."""

    def find(self, frame: np.ndarray, *, thorough: bool, known: object = ()) -> list[FaceLandmarks]:
        left, right = super().find(frame, thorough=thorough)
        return [left, replace(right, opening=left.opening)]


def silent(fraction: float, what: str) -> None:
    pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project_with_lines(tmp_path_factory.mktemp("project"))


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> QuickModels:
    made = QuickModels()
    # What the speaker encoder hears: the reference's length and the sample's; nearer lengths are more alike.
    made.speaker_encoder.embed = embedded
    monkeypatch.setattr("codub.dubbing.cast.work.Models", made.of)
    monkeypatch.setattr("codub.dubbing.cast.work.require_weights", lambda profile: None)
    monkeypatch.setattr("codub.speech.reference.speech_intervals", lambda s: [Interval(0.0, len(s) / 16_000)])
    return made


def embedded(samples: np.ndarray) -> np.ndarray:
    angle = min(len(samples) / 16_000, 10) * 0.1
    return np.pad(np.float32([np.cos(angle), np.sin(angle)]), (0, 254))


@pytest.fixture
def work(folder: Path, tmp_path: Path, models: QuickModels) -> CastWork:
    request = DubRequest(folder / "PROJECT.otio", folder / "LINES.es.srt", tmp_path / "DUBBED.otio")
    made = CastWork(open_cast(request))
    made.project.set_voice("Ana", fit_seconds=0.0)
    made.project.set_voice("Ben", fit_seconds=0.0)
    return made


def cards(work: CastWork) -> list[VoiceCard | None]:
    return [entry.card for entry in work.project.entries()]


def test_listening_tells_what_the_voice_is_taken_from(work: CastWork, tmp_path: Path) -> None:
    heard: list[str] = []
    work.listen((), lambda fraction, what: heard.append(what))
    ana, ben = cards(work)
    assert ana is not None
    assert ben is not None
    assert {piece.name for piece in ana.pieces} == {"cue 1", "cue 2"}
    assert (ana.seconds, ben.seconds) == (pytest.approx(1.2), pytest.approx(1.08, abs=0.02))
    assert "1.2 s of speech only" in ana.warnings[0]
    assert not ana.fitted
    sound, rate = soundfile.read(tmp_path / "DUBBED.codub" / "cast" / ana.heard)
    assert len(sound) / rate == pytest.approx(ana.seconds)
    assert heard == ["listening to Ana", "listening to Ben", "listened"]
    assert "voice from all lines: 1.2 s of cue 1, cue 2" in work.project.report("ana")


def test_a_speaker_who_cannot_be_heard_costs_no_other(work: CastWork, folder: Path) -> None:
    work.project.set_voice("Ana", cues=[2])  # 0.6 s
    with pytest.raises(CueError, match="voice of 'Ana' cannot be heard"):
        work.listen((), silent)
    assert cards(work)[1] is not None


def test_nothing_is_spoken_without_consent(work: CastWork, models: QuickModels) -> None:
    with pytest.raises(ConsentError, match="'Ana', 'Ben'"):
        work.refit((), silent)
    assert models.voice.ttv.spoken == []


def test_a_fitted_voice_is_tried_and_measured(work: CastWork, tmp_path: Path, models: QuickModels) -> None:
    work.project.ledger.declare(["Ana"], "Eva")
    heard: list[float] = []
    work.refit(("ana",), lambda fraction, what: heard.append(fraction))
    ana, ben = cards(work)
    assert ana is not None
    assert ana.fitted
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert (tmp_path / "DUBBED.codub" / "styles" / ana.style).is_file()
    assert ana.text == "Uno. Dos."
    sample = tmp_path / "DUBBED.codub" / "cast" / ana.sample
    sound, rate = soundfile.read(sample)
    assert is_marked(sample)
    assert [text for text, _ in models.voice.ttv.spoken] == ["Uno.", "Dos."]
    own, other = embedded(np.zeros(round(1.2 * 16_000))), embedded(np.zeros(round(1.08 * 16_000)))
    said = embedded(np.zeros(round(len(sound) / rate * 16_000)))
    assert ana.secs == pytest.approx(float(said @ own), abs=2e-3)
    assert (ana.other, ana.other_secs) == ("Ben", pytest.approx(float(said @ other), abs=2e-3))
    assert ana.nearer_to_own
    assert ben is None
    work.listen((), silent)  # again: what was fitted stays
    assert cards(work)[0] == ana


def test_another_reference_is_another_card_and_the_former_comes_back(work: CastWork) -> None:
    work.project.ledger.declare(["Ben"], "Eva")
    work.refit(("Ben",), silent)
    fitted = cards(work)[1]
    work.project.set_voice("Ben", fit_seconds=0.5)
    assert cards(work)[1] is None
    work.project.set_voice("Ben", fit_seconds=0.0)
    assert cards(work)[1] == fitted


def test_the_faces_of_a_clip_are_found_with_their_reasons(work: CastWork, models: QuickModels) -> None:
    models.landmarks = TwoFaces()
    said = work.faces_report(1, silent)
    left, right = said.splitlines()[1:]
    assert left.startswith("  * face at 0.27")
    assert right.startswith("    face at 0.73")
    work.project.set_face(1, (0.73, 0.42))
    left, right = work.faces_report(1, silent).splitlines()[1:]
    assert right.startswith("  * face at 0.73")
    assert right.endswith("chosen by hand")
    work.project.set_face(1, None)
    assert "*" not in work.faces_report(1, silent)


def test_found_faces_are_kept_until_the_lines_change(work: CastWork, models: QuickModels, folder: Path) -> None:
    work.look((), silent)
    looks = models.landmarks.looks
    work.look((1,), silent)
    assert models.landmarks.looks == looks
    for path in (work.project.folder / "cast").glob("clip-*.json"):
        path.write_text("{", encoding="utf-8")  # damaged: looked for again
    models.memory = Memory()
    assert len(work.look((1,), silent)) == 1
    assert models.landmarks.looks > looks


def test_the_mouths_pictures_are_shown_and_replaced(work: CastWork, folder: Path, tmp_path: Path) -> None:
    automatic = {row.speaker: row for row in work.look((), silent)}
    assert {name: row.clip for name, row in automatic.items()} == {"Ana": "one", "Ben": "two"}
    assert not any(automatic["Ana"].chosen)
    assert all(path.is_file() for row in automatic.values() for path in row.pictures)
    work.set_frames("Ana", {"open": "two.mp4@7@0.5,0.4"})
    changed = next(row for row in work.look((), silent) if row.speaker == "Ana")
    assert changed.chosen == (False, True, False)
    assert dict(changed.named())["open"] == "two.mp4:7"
    assert changed.pictures[0] == automatic["Ana"].pictures[0]
    write_sheet(work.look((), silent), tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (3 * SHEET_CELL, 2 * SHEET_CELL)
    work.set_frames("Ana", {}, auto=True)
    assert work.look((1,), silent) == (automatic["Ana"],)


def test_one_still_alone_serves_for_every_mouth(work: CastWork, tmp_path: Path) -> None:
    Image.fromarray(still(9)).save(tmp_path / "ana.png")
    work.set_frames("Ana", {}, [str(tmp_path / "ana.png")])
    (row,) = work.look((1,), silent)
    assert set(row.frames) == {"ana.png:0"}
    assert row.chosen == (True, True, True)


class Darker:
    """A silent face that leaves a mark."""

    def shut(self, crop: np.ndarray) -> np.ndarray:
        return crop // 2


class OpenMouth(OneFace):
    """Nobody shuts the mouth in the first film (whose clip is the longer one); in the second they do."""

    def _face(self) -> FaceLandmarks:
        return replace(super()._face(), opening=0.2 + 0.05 * float(np.sin(self.looks)))


def test_an_open_mouth_alone_is_shut_and_shown_so(work: CastWork, models: QuickModels, tmp_path: Path) -> None:
    models.landmarks, models.silent_face = OpenMouth(), Darker()
    Image.fromarray(still(9)).save(tmp_path / "ana.png")
    (found,) = work.look((1,), silent)
    assert found.frames[0].endswith("shut by the silent face")
    assert not any(where.endswith("face") for where in found.frames[1:])
    work.set_frames("Ana", {}, [str(tmp_path / "ana.png")])
    (row,) = work.look((1,), silent)
    assert row.frames == ("ana.png:0 shut by the silent face", "ana.png:0", "ana.png:0")
    shut, wide = (np.asarray(Image.open(path)) for path in row.pictures[:2])
    assert (shut == wide // 2).all()


def test_a_face_of_five_mouths_shows_five(work: CastWork, models: QuickModels, tmp_path: Path) -> None:
    assert [len(row.pictures) for row in work.look((1,), silent)] == [3]
    models.face.references = 5
    (row,) = work.look((1,), silent)
    assert [kind for kind, _ in row.named()] == ["closed", "open", "between", "rounded", "spread"]
    assert len(set(row.frames)) == 5
    work.set_frames("Ana", {"spread": "two.mp4@7@0.5,0.4"})
    assert work.look((1,), silent)[0].frames[4] == "two.mp4:7"
    write_sheet(work.look((1,), silent), tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (5 * SHEET_CELL, SHEET_CELL)


def test_pictures_of_somebody_else_are_doubted(work: CastWork, models: QuickModels) -> None:
    """The two films show other pictures; the one chosen for Ana is of Ben's."""
    work.set_frames("Ana", {"open": "one.mp4@7@0.5,0.4"})
    ana, ben = work.look((), silent)
    assert (ana.doubt, ben.doubt) == ("", "")
    work.set_frames("Ana", {"open": "two.mp4@7@0.5,0.4"})
    ana, ben = work.look((), silent)
    assert "pictures chosen for Ana look more like Ben (1.00" in ana.doubt
    assert ben.doubt == ""


def test_a_frame_without_a_face_is_not_kept(work: CastWork, models: Any) -> None:
    with pytest.raises(MediaError, match=r"no face at 0.95, 0.95 of the picture two.mp4:7"):
        work.set_frames("Ana", {"open": "two.mp4@7@0.95,0.95"})
    assert work.project.cast.member("Ana").open is None


def test_a_clip_that_cannot_be_read_costs_no_other(work: CastWork, folder: Path, tmp_path: Path) -> None:
    film = folder / "media" / "one.mp4"
    whole = film.read_bytes()
    film.write_bytes(b"no film")
    try:
        with pytest.raises(MediaError, match=r"one\.mp4"):
            work.look((), silent)
    finally:
        film.write_bytes(whole)
    assert len(list((work.project.folder / "cast").glob("clip-*.json"))) == 1


def test_chosen_pictures_tell_two_faces_apart(work: CastWork, models: QuickModels) -> None:
    """The made faces sound alike; the picture chosen is the right one's."""
    models.landmarks = BothSpeak()
    assert work.faces_report(1, silent).splitlines()[1].startswith("  * face at 0.27")
    work.set_frames("Ana", {"closed": "one.mp4@9@0.73,0.4"})
    left, right = work.faces_report(1, silent).splitlines()[1:]
    assert left.startswith("    face at 0.27")
    assert right.startswith("  * face at 0.73")
    assert "it looks like the speaker's pictures (1.00)" in right


def test_consent_for_the_voice_is_enough_to_try_it(work: CastWork) -> None:
    work.project.ledger.record(Consent("Ben", "His voice only.", "Eva", scope=("voice",)))
    work.refit(("Ben",), silent)
    assert not work.project.entries()[1].agreed
