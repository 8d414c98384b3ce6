"""The plan: every cue against its clips, in exact frames and samples."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from made_timelines import RATES, clip, frames, gap, project, track

from codub.dubbing.plan import make_plan
from codub.dubbing.shots import Plan
from codub.errors import UsageError
from codub.timeline.cues import Cue
from codub.timeline.write import Dub, VoiceTake, add_dub

S = Fraction


def cue(
    number: int, start: float | Fraction, end: float | Fraction, speaker: str = "", *, on_screen: bool = True
) -> Cue:
    return Cue(number, f"Línea {number}.", "es", speaker, Fraction(start), Fraction(end), on_screen=on_screen)


def plan_of(
    folder: Path, made: Sequence[otio.schema.Track], *cues: Cue, only: Sequence[int] = (), tracks: Sequence[str] = ()
) -> Plan:
    return make_plan(project(folder, made), cues, only=only, tracks=tracks)


def test_a_cue_inside_one_clip(tmp_path: Path) -> None:
    tracks = [
        track("V1", [gap(25), clip("one", 100, 100)]),
        track("A1", [clip("talk", 0, 240_000, rate=48_000, available=frames(0, 240_000, 48_000))], "Audio"),
    ]
    plan = plan_of(tmp_path, tracks, cue(1, S(201, 100), S(350, 100)))
    (shot,) = plan.shots
    (part,) = shot.parts
    assert (part.media.name, part.rate) == ("one.mov", 25)
    # the clip's frame 25 shows from 2.00 s, its frame 62 until 3.52 s
    assert (part.first_frame, part.frame_count) == (125, 38)
    assert part.offset == S(200 - 201, 100)
    (sound,) = shot.audio_parts
    assert (sound.media.name, sound.start, sound.duration, sound.offset) == ("talk.mov", S(201, 100), S(149, 100), 0)
    assert not shot.off_screen
    assert shot.window == S(149, 100)
    assert [(job.clip.name, [c.number for c in job.cues]) for job in plan.clips] == [("one", [1])]
    assert [(job.clip.name, job.silenced) for job in plan.sounds] == [("talk", ((S(201, 100), S(350, 100)),))]
    assert plan.problems == ()


@pytest.mark.parametrize("rate", RATES)
def test_a_cue_over_a_cut_has_one_voice_and_a_part_on_each_clip(tmp_path: Path, rate: Fraction) -> None:
    tracks = [track("V1", [clip("one", 10, 60, rate=rate), clip("two", 500, 60, rate=rate)])]
    start, end = 50 / rate, 80 / rate
    plan = plan_of(tmp_path, tracks, cue(1, start, end))
    (shot,) = plan.shots
    assert [(p.media.name, p.first_frame, p.frame_count, p.offset) for p in shot.parts] == [
        ("one.mov", 60, 10, 0),
        ("two.mov", 500, 20, 10 / rate),
    ]
    assert sum(part.frame_count for part in shot.parts) == (end - start) * rate
    assert len(plan.clips) == 2


def test_a_cue_whose_edge_misses_a_cut_keeps_to_its_clip(tmp_path: Path) -> None:
    tracks = [track("V1", [clip("one", 0, 50), clip("two", 0, 50)])]
    (shot,) = plan_of(tmp_path, tracks, cue(1, 1, S(2042, 1000))).shots
    assert [part.media.name for part in shot.parts] == ["one.mov"]


@pytest.mark.parametrize("rate", RATES)
def test_the_whole_frames_round_a_line_hold_it(tmp_path: Path, rate: Fraction) -> None:
    (shot,) = plan_of(tmp_path, [track("V1", [clip("one", 0, 900, rate=rate)])], cue(1, 1, S(2503, 1000))).shots
    start, end = shot.whole_frames(shot.cue.start, shot.cue.end)
    assert (start * rate).denominator == (end * rate).denominator == 1
    assert 0 <= shot.cue.start - start < 1 / rate
    assert 0 <= end - shot.cue.end < 1 / rate


def test_cues_that_share_a_clip_share_its_job(tmp_path: Path) -> None:
    tracks = [track("V1", [clip("one", 0, 200)])]
    cues = cue(1, 1, 2), cue(2, 3, 4), cue(3, 5, 6)
    plan = plan_of(tmp_path, tracks, *cues, only=[2])
    assert [shot.cue.number for shot in plan.shots] == [2]
    (job,) = plan.clips
    assert [c.number for c in job.cues] == [1, 2, 3]


def test_off_screen_lines_get_voice_only(tmp_path: Path) -> None:
    tracks = [
        track("V1", [clip("one", 0, 50), gap(50), clip("two", 0, 50)]),
        track("A1", [clip("talk", 0, 150)], "Audio"),
    ]
    plan = plan_of(tmp_path, tracks, cue(1, S(5, 2), S(7, 2)), cue(2, 5, 6, on_screen=False), cue(3, 0, 1))
    assert [shot.off_screen for shot in plan.shots] == [True, True, False]
    assert all(len(shot.audio_parts) == 1 for shot in plan.shots)
    assert plan.problems == ()


def test_references_are_all_the_speakers_sound_without_other_voices(tmp_path: Path) -> None:
    tracks = [track("V1", [clip("one", 0, 500)]), track("Dialogue", [clip("talk", 25, 500)], "Audio")]
    cues = [cue(1, 1, 2, "ANNA"), cue(2, 3, 6, "ANNA"), cue(3, 5, 7, "BEN"), cue(4, 9, 10, "ANNA")]
    plan = plan_of(tmp_path, tracks, *cues, only=[1])
    heard = [(part.start, part.duration) for part in plan.references["ANNA"]]
    assert heard == [(S(4), S(2)), (S(2), S(1)), (S(10), S(1))]
    assert [(part.start, part.duration) for part in plan.references["BEN"]] == [(S(7), S(1))]


def test_music_and_effects_are_neither_reference_nor_replaced(tmp_path: Path) -> None:
    tracks = [
        track("V1", [clip("one")]),
        track("M&E", [clip("waves")], "Audio"),
        track("A1", [clip("talk")], "Audio"),
    ]
    plan = plan_of(tmp_path, tracks, cue(1, 0, 1))
    assert [job.clip.name for job in plan.sounds] == ["talk"]
    assert {part.media.name for parts in plan.references.values() for part in parts} == {"talk.mov"}


def test_without_audio_tracks_the_pictures_own_sound_is_the_reference(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [track("V1", [clip("one", 10, 50)])], cue(1, 1, 2))
    (part,) = plan.shots[0].audio_parts
    assert (part.media.name, part.start) == ("one.mov", S(35, 25))
    assert plan.sounds == ()


def test_speakers_come_from_clips_and_nameless_voices_keep_to_their_clip(tmp_path: Path) -> None:
    named = clip("one")
    named.metadata["codub"] = {"speaker": "ANNA"}
    tracks = [track("V1", [named, clip("two", 0, 100)])]
    plan = plan_of(tmp_path, tracks, cue(1, 0, 1), cue(2, 2, 3), cue(3, 4, 5), cue(4, 5, 6, "BEN"))
    assert [shot.voice for shot in plan.shots] == ["ANNA", "clip two", "clip two", "BEN"]
    assert plan.shots[0].cue.speaker == "ANNA"


def test_problems_name_the_cue_the_clip_and_the_timecode_and_the_rest_runs(tmp_path: Path) -> None:
    slow = clip("slow")
    slow.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    tracks = [track("V1", [clip("one"), slow, clip("gone", url="missing/gone.mov")])]
    plan = plan_of(tmp_path, tracks, cue(1, 0, 1), cue(2, 2, 3), cue(3, 5, 7), cue(4, 60, 61), cue(5, -1, 1))
    assert [shot.cue.number for shot in plan.shots] == [1, 2, 3, 5]
    told = {n: " ".join(str(problem) for problem in plan.problems if problem.cue == n) for n in range(1, 6)}
    assert "Cue 2: Clip 'slow' on track 'V1' at 00:00:02:00: it plays at 2 times its speed" in told[2]
    assert "Clip 'gone' on track 'V1' at 00:00:04:00" in told[3]
    assert "after the timeline's end, at 00:01:00:00" in told[4]
    assert [problem.dubbed for problem in plan.problems if problem.cue == 4] == [False]
    assert "before the timeline does" in told[5]
    assert plan.shots[1].off_screen


def test_a_voice_without_any_original_sound_is_told_of(tmp_path: Path) -> None:
    tracks = [track("V1", [clip("one")]), track("A1", [gap(25), clip("talk", 0, 25)], "Audio")]
    plan = plan_of(tmp_path, tracks, cue(1, 0, S(1, 2), "ANNA"), cue(2, 1, 2, "BEN"))
    assert [str(problem) for problem in plan.problems] == [
        "Cue 1: there is no original sound of 'ANNA' to take the voice from"
    ]


def test_tracks_may_be_named(tmp_path: Path) -> None:
    tracks = [
        track("V1", [clip("one")]),
        track("V2", [clip("two")]),
        track("A1", [clip("x")], "Audio"),
        track("A2", [clip("y")], "Audio"),
    ]
    (shot,) = plan_of(tmp_path, tracks, cue(1, 0, 1), tracks=["A2"]).shots
    assert [part.media.name for part in shot.audio_parts] == ["y.mov"]
    assert [part.media.name for part in shot.parts] == ["two.mov"]
    apart = [track("V1", [clip("one")]), track("V2", [gap(50), clip("two")])]
    left = plan_of(tmp_path, apart, cue(1, 0, 1), cue(2, 2, 3), tracks=["V2"])
    assert [shot.cue.number for shot in left.shots] == [2]
    with pytest.raises(UsageError, match="There is no track 'A9'"):
        plan_of(tmp_path, tracks, cue(1, 0, 1), tracks=["A9"])
    with pytest.raises(UsageError, match="There is no cue 9"):
        plan_of(tmp_path, tracks, cue(1, 0, 1), only=[9])


def test_what_was_dubbed_before_stays_silenced(tmp_path: Path) -> None:
    made = project(tmp_path, [track("V1", [clip("one", 0, 200)]), track("A1", [clip("talk", 0, 200)], "Audio")])
    first, second = cue(1, 1, 2), cue(2, 3, 4)
    add_dub(made.timeline, Dub("es", (VoiceTake(first, 1, tmp_path / "a.wav", S(1), 48_000, 48_000),)), tmp_path)
    plan = make_plan(made, [first, second], only=[2])
    assert plan.sounds[0].silenced == ((S(1), S(2)), (S(3), S(4)))
    assert [clip.name for clip in plan.placement.of_kind("audio")] == ["talk"]


def test_cues_against_the_timecode_are_understood(tmp_path: Path) -> None:
    start = otio.opentime.RationalTime(25 * 3600, 25)
    made = project(tmp_path, [track("V1", [clip("one", 10, 100)])], start=start)
    (shot,) = make_plan(made, [cue(1, 3601, 3602)]).shots
    assert (shot.cue.start, shot.parts[0].first_frame) == (1, 35)
    assert make_plan(made, [cue(1, 3601, 3602)]).cues[0].start == 1
