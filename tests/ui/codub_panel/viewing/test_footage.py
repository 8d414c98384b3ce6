from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from codub.dubbing.record import TakeRecord
from codub.dubbing.shots import ShotPart
from codub.timeline.placed import ClipProblem, PlacedClip, Placement
from codub_panel.viewing.footage import Stretch, obstacle, original_reel, stretch_of, take_reel, voice_reel

RATE = Fraction(25)


def a_take(**changes: object) -> TakeRecord:
    values = {"cue": 2, "language": "es", "text": "x", "speaker": "ANA", "seed": 0, "profile": "embedded"}
    return TakeRecord(**{**values, **changes})


def placed(start: Fraction, end: Fraction, rate: Fraction, name: str, **changes: object) -> PlacedClip:
    values = {"kind": "video", "track": "V1", "media_start": Fraction(0), "address": (0, 0)} | changes
    return PlacedClip(
        name=name, media=Path(f"{name}.mp4"), reference="DEFAULT_MEDIA", rate=rate, source_start=Fraction(0),
        start=start, end=end, visible=((start, end),), **values,
    )  # fmt: skip


def test_a_line_shows_its_own_frames_and_those_round_it(session, films):
    reel = original_reel(session, session.lines[1])
    # The second line begins 20 frames into the timeline, whose clip begins 10 frames into the film.
    assert reel.stretch == Stretch(RATE, Fraction(20, 25), 20, -20, 40)
    assert [reel.locate(frame) for frame in (-20, 0, 39)] == [(films / "original.mp4", n) for n in (10, 30, 69)]
    assert reel.locate(40) is None


def test_a_take_shows_the_same_frames_of_its_own_film(session, films):
    kept = session.store.add(a_take(), {"video0-0": films / "dubbed.mp4"})
    reel = take_reel(session, session.lines[1], kept)
    # A take's film begins at the clip's first used frame.
    path, number = reel.locate(0)
    assert (path.parent.name, number) == ("media", 20)
    assert reel.stretch == original_reel(session, session.lines[1]).stretch


def test_a_take_without_a_picture_shows_the_original(session):
    kept = session.store.add(a_take(), {})
    line = session.lines[1]
    assert take_reel(session, line, kept).pictures == original_reel(session, line).pictures


def test_lines_beside_it_are_heard_as_they_are_dubbed(session, films):
    for number in (1, 2):
        take = a_take(cue=number, start=Fraction(number), duration=Fraction(1))
        session.choose(number, session.store.add(take, {"audio": films / "dubbed.mp4"}))
    reel = take_reel(session, session.lines[1], session.lines[1].chosen)
    assert reel.voice.at == 2
    assert [sound.at for sound in reel.beside] == [1]
    assert reel.silenced == ((Fraction(1), Fraction(3)),)


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25)])
def test_every_frame_of_a_timeline_is_the_clips_own_at_any_rate(session, rate):
    cut = 100 / rate
    first = placed(Fraction(0), cut, rate, "a", media_start=7 / rate)
    second = placed(cut, 2 * cut, rate, "b", media_start=1000 / rate)
    session.placement = Placement((first, second), (), rate, 2 * cut, Fraction(0))
    session.rate = rate
    cue = replace(session.lines[0].cue, start=Fraction(95) / rate + Fraction(1, 1000), end=105 / rate)
    reel = original_reel(session, replace(session.lines[0], cue=cue))
    numbers = [reel.locate(frame) for frame in range(10)]
    assert numbers == [(Path("a.mp4"), 102 + n) for n in range(5)] + [(Path("b.mp4"), 1000 + n) for n in range(5)]
    assert reel.stretch.frame(reel.stretch.seconds(3)) == 3


def test_a_clip_at_another_rate_shows_what_is_on_at_the_middle_of_each_frame(session):
    clip = placed(Fraction(0), Fraction(4), Fraction(50), "fast")
    session.placement = Placement((clip,), (), RATE, Fraction(4), Fraction(0))
    reel = original_reel(session, session.lines[0])
    assert [reel.locate(frame)[1] for frame in range(4)] == [1, 3, 5, 7]


def test_rolls_end_where_the_timeline_does(session):
    line = session.lines[0]
    stretch = stretch_of(session, line, Fraction(10))
    assert (stretch.first, stretch.end) == (0, 60)
    assert stretch_of(session, line, Fraction(0)).end == stretch.frames == 20


def test_a_missing_clip_is_named_where_it_would_play(session):
    problem = ClipProblem("sh020", "V1", "video", Fraction(1), Fraction(2), "01:00:01:00", "its media is missing")
    session.placement = Placement((), (problem,), RATE, Fraction(4), Fraction(0))
    assert "sh020" in obstacle(session, Fraction(3, 2))
    assert obstacle(session, Fraction(5, 2)) == ""


def test_the_bed_and_the_dialogue_are_told_apart(session):
    picture = placed(Fraction(0), Fraction(4), RATE, "film")
    talk = placed(Fraction(0), Fraction(4), RATE, "talk", kind="audio", track="A1")
    music = placed(Fraction(0), Fraction(4), RATE, "music", kind="audio", track="A2", bed=True)
    session.placement = Placement((picture, talk, music), (), RATE, Fraction(4), Fraction(0))
    reel = original_reel(session, session.lines[1])
    assert [sound.path.stem for sound in reel.original] == ["talk"]
    assert [sound.path.stem for sound in reel.bed] == ["music"]
    assert ShotPart in {type(part) for part in session.lines[1].parts}


def test_a_voice_in_the_making_is_heard_over_the_pictures_so_far(session, films):
    line = session.lines[1]
    reel = voice_reel(session, line, films / "dubbed.mp4", Fraction(1), "new voice")
    assert reel.pictures == original_reel(session, line).pictures
    assert reel.voice.at == reel.stretch.start == Fraction(4, 5)
    assert reel.silenced == ((line.cue.start, line.cue.end),)
    assert reel.dubbed
