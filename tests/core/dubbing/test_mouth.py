"""When the mouth belongs to a line: as long as the line or the original one is spoken."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from made_timelines import clip, frames, project, track

from codub.dubbing import mouth
from codub.dubbing.mouth import MARGIN, REACH, mouth_span
from codub.dubbing.plan import make_plan
from codub.dubbing.shots import Shot
from codub.speech.activity import Interval
from codub.timeline.cues import Cue
from codub.timing import SPEECH_RATE

F = Fraction
Asked = list[tuple[Fraction, Fraction]]
Heard = tuple[list[Interval], Asked]


def shot(folder: Path, start: Fraction, end: Fraction, *, sound: bool = True) -> Shot:
    """Four seconds of a film from its tenth second, with its own sound."""
    tracks = [track("V1", [clip("one", 0, 100)])]
    if sound:
        tracks.append(track("A1", [clip("talk", 250, 100, available=frames(0, 500))], "Audio"))
    found = make_plan(project(folder, tracks), [Cue(1, "Hola.", "es", "", start, end)]).shots[0]
    return found if sound else Shot(found.cue, found.voice, found.parts, (), found.rate)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Speech in what is read, in seconds from where reading begins; and the media times that were read."""
    speech: list[Interval] = []
    asked: Asked = []

    def read(path: Path, start: Fraction, duration: Fraction, rate: int) -> np.ndarray:
        assert (path.name, rate) == ("talk.mov", SPEECH_RATE)
        asked.append((start, duration))
        return np.zeros(int(duration * rate), np.float32)

    monkeypatch.setattr(mouth, "read_audio", read)
    monkeypatch.setattr(mouth, "speech_intervals", lambda samples: speech)
    return speech, asked


def test_without_original_speech_it_is_the_line_and_the_cue(tmp_path: Path, heard: Heard) -> None:
    one = shot(tmp_path, F(1), F(2))
    assert mouth_span(one, F(1), F(9, 4)) == (1 - MARGIN, F(9, 4) + MARGIN)
    assert mouth_span(one, F(1), F(3, 2)) == (1 - MARGIN, 2 + MARGIN)
    assert mouth_span(one, F(4, 5), F(3, 2)) == (F(4, 5) - MARGIN, 2 + MARGIN)


def test_original_speech_that_reaches_into_the_cue_widens_it(tmp_path: Path, heard: Heard) -> None:
    # reading begins 0.8 s before the cue, at 0.7 s
    heard[0][:] = [Interval(0.0, 0.25), Interval(0.5, 1.0), Interval(1.5, 2.0), Interval(2.375, 2.5)]
    low, high = mouth_span(shot(tmp_path, F(3, 2), F(5, 2)), F(3, 2), F(5, 2))
    begins = F(3, 2) - REACH
    assert low == begins + F(1, 2) - MARGIN  # the second stretch; the first ends before the cue
    assert high == begins + 2 + MARGIN  # the third; the last is spoken after the cue
    assert heard[1] == [(10 + begins, 1 + 2 * REACH)]


def test_reading_stays_inside_the_clip(tmp_path: Path, heard: Heard) -> None:
    mouth_span(shot(tmp_path, F(1, 4), F(15, 4)), F(1, 4), F(15, 4))
    assert heard[1] == [(F(10), F(4))]


def test_without_sound_nothing_is_read(tmp_path: Path, heard: Heard) -> None:
    assert mouth_span(shot(tmp_path, F(1), F(2), sound=False), F(1), F(2)) == (1 - MARGIN, 2 + MARGIN)
    assert heard[1] == []
