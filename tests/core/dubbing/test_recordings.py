"""Files find their cues by name; what cannot be used is refused, what is doubtful is said."""

from pathlib import Path

import numpy as np
import pytest
from made_dubs import tone

from codub.dubbing import recordings as module
from codub.dubbing.recordings import heard_performance, recordings
from codub.dubbing.target import moved_to
from codub.errors import CueError, UsageError
from codub.latent import EMBEDDED, SpeechLatent
from codub.speech.activity import Interval
from codub.speech.condition import SoundCondition


def folder(place: Path, *names: str) -> Path:
    (place / "takes").mkdir(exist_ok=True)
    for name in names:
        (place / "takes" / name).touch()
    return place / "takes"


def test_files_of_a_folder_are_named_by_their_cue(tmp_path: Path) -> None:
    place = folder(tmp_path, "3.wav", "cue 12 (take 2).WAV", "Ana_cue-04.flac", "notes.txt", ".5.wav")
    found = recordings(place, ())
    assert {cue: file.name for cue, file in found.items()} == {
        3: "3.wav",
        4: "Ana_cue-04.flac",
        12: "cue 12 (take 2).WAV",
    }
    assert list(recordings(place, (12, 3))) == [3, 12]


@pytest.mark.parametrize(
    ("names", "cues", "said"),
    [
        (("a.wav",), (), "not clear which cue 'a.wav' is of. Its name holds no number"),
        (("4 take 2.wav",), (), "holds several numbers"),
        (("4.wav", "cue4.mp3"), (), "'4.wav' and 'cue4.mp3' are both of cue 4"),
        ((), (), "There is no recording in"),
        (("4.wav",), (4, 5), "There is no recording of cue 5.*Add 5.wav"),
    ],
)
def test_a_folder_that_leaves_it_open_is_refused(
    tmp_path: Path, names: tuple[str, ...], cues: tuple[int, ...], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        recordings(folder(tmp_path, *names), cues)


def in_state(
    monkeypatch: pytest.MonkeyPatch, end: float = 1.0, clipped: float = 0.0, span: float = 30.0, steady: float = 0.0
) -> None:
    speech = (Interval(0.1, end),) if end else ()
    monkeypatch.setattr(module, "condition", lambda samples: SoundCondition(2.0, speech, clipped, span, steady))


SOUND = tone(2.0, rate=16_000)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"clipped": 0.06}, "ruined by clipping. 6% of it"),
        ({"end": 3.2}, r"too long for its cue. It speaks until 3.2 s; the cue lasts 2.0 s"),
        ({"end": 0}, "No speech is heard.*leave --convert out"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, state: dict[str, float], said: str
) -> None:
    in_state(monkeypatch, **state)
    with pytest.raises(CueError, match=said):
        heard_performance(Path("mine.wav"), SOUND, 2.0, converted=True)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({}, None),
        ({"clipped": 0.01}, "'mine.wav' is clipped: 1.0% of it is at full scale."),
        ({"end": 2.6}, "'mine.wav' runs 0.6 s over its cue."),
        ({"steady": 0.3}, "Music is heard in 'mine.wav'."),
        ({"span": 12.0}, "What is said in 'mine.wav' hardly stands above its noise."),
        ({"end": 0}, "No speech is heard in 'mine.wav': the mouth may stay shut."),
    ],
)
def test_what_is_doubtful_is_used_and_said(
    monkeypatch: pytest.MonkeyPatch, state: dict[str, float], said: str | None
) -> None:
    in_state(monkeypatch, **state)
    made = heard_performance(Path("mine.wav"), SOUND, 2.0, converted=False)
    assert made.notes == (() if said is None else (said,))


def test_silence_is_refused() -> None:
    with pytest.raises(CueError, match=r"mute.wav' is silent"):
        heard_performance(Path("mute.wav"), np.zeros(16_000, np.float32), 2.0, converted=False)


def test_tones_move_to_another_range_and_keep_their_melody() -> None:
    hertz = np.array([0.0, 200, 220, 240, 0, 180], np.float32)
    features = np.zeros((512, 3), np.float32)
    latent = SpeechLatent(EMBEDDED, features, np.log1p(hertz), np.zeros(6, np.float32), (), "sound")
    moved = np.expm1(moved_to(latent, 105.0).log_f0)
    np.testing.assert_allclose(moved, hertz / 2, rtol=1e-4)  # the median was 210
    assert moved_to(latent, None) is latent
    far = np.expm1(moved_to(latent, 2000.0).log_f0)
    np.testing.assert_allclose(far, hertz * 2.5, rtol=1e-4)
