"""Flattening: where every clip lies, to the exact fraction, whatever it is nested in."""

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from made_timelines import RATES, clip, frames, gap, project, track

from codub.errors import ProjectError
from codub.timeline.clips import item_at, place_clips

S = Fraction


def transition(before: int, after: int, rate: float = 25) -> otio.schema.Transition:
    return otio.schema.Transition(
        "dissolve",
        otio.schema.TransitionTypes.SMPTE_Dissolve,
        otio.opentime.RationalTime(before, rate),
        otio.opentime.RationalTime(after, rate),
    )


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("stated", ["exact", "decimal"])
def test_every_rate_is_an_exact_fraction(tmp_path: Path, rate: Fraction, stated: str) -> None:
    said = float(rate) if stated == "exact" else round(float(rate), 3 if rate < 24 else 2)
    embedded = frames(86400 * 24, 10_000, said)  # the media starts at a timecode
    one = clip("one", 86400 * 24 + 100, 1000, rate=said, available=embedded)
    two = clip("two", 86400 * 24 + 7, 311, rate=said, available=embedded)
    placement = place_clips(project(tmp_path, [track("V1", [gap(17, said), one, two])]))
    first, second = placement.clips
    assert placement.rate == first.rate == rate
    assert (first.start, first.end) == (17 / rate, 1017 / rate)
    assert (first.first_frame, first.frame_count) == (100, 1000)
    assert first.media_start == 100 / rate
    assert first.source_start == (86400 * 24 + 100) / rate
    assert (second.start, second.first_frame, second.frame_count) == (1017 / rate, 7, 311)
    assert placement.duration == (17 + 1000 + 311) / rate
    assert second.frame_start(7 + 310) == placement.duration - 1 / rate


def test_drop_frame_and_non_drop_starts_name_the_same_media_frames(tmp_path: Path) -> None:
    rate = 30000 / 1001
    drop = otio.opentime.from_timecode("01:00:00;00", rate)
    full = otio.opentime.from_timecode("01:00:00:00", rate)
    assert drop.value != full.value
    for start in (drop, full):
        whole = otio.opentime.TimeRange(start, otio.opentime.RationalTime(600, rate))
        later = otio.opentime.RationalTime(start.value + 45, rate)
        used = otio.opentime.TimeRange(later, otio.opentime.RationalTime(90, rate))
        one = otio.schema.Clip("one", otio.schema.ExternalReference("one.mov", whole), used)
        (placed,) = place_clips(project(tmp_path, [track("V1", [one])], start=start)).clips
        assert (placed.first_frame, placed.frame_count) == (45, 90)
        assert placed.start == 0


def test_frames_during_a_span_are_those_that_show_even_partly(tmp_path: Path) -> None:
    (placed,) = place_clips(project(tmp_path, [track("V1", [gap(25), clip("one", 10, 50)])])).clips
    assert placed.frames_during((S(1), S(3))) == (10, 50)
    assert placed.frames_during((S(101, 100), S(103, 100))) == (10, 1)
    assert placed.frames_during((S(104, 100), S(112, 100))) == (11, 2)
    assert placed.frames_during((S(0), S(1))) == (10, 0)
    assert placed.frames_during((S(-5), S(50))) == (10, 50)


def test_the_topmost_picture_hides_the_ones_below_and_a_clip_may_show_twice(tmp_path: Path) -> None:
    tracks = [
        track("V1", [clip("long", 0, 250)]),
        track("V2", [gap(50), clip("insert", 0, 25), gap(25), clip("hidden", 0, 25)]),
        track("V3", [gap(100), clip("cover", 0, 25)]),
    ]
    placed = {c.name: c for c in place_clips(project(tmp_path, tracks)).clips}
    assert set(placed) == {"long", "insert", "cover"}
    assert placed["long"].visible == ((S(0), S(2)), (S(3), S(4)), (S(5), S(10)))
    assert (placed["long"].start, placed["long"].end) == (0, 10)
    assert placed["insert"].visible == ((S(2), S(3)),)


def test_all_sound_is_heard_and_beds_are_known(tmp_path: Path) -> None:
    tracks = [
        track("V1", [clip("picture")]),
        track("Dialogue", [clip("voice")], "Audio"),
        track("M&E", [clip("waves")], "Audio"),
        track("A3_SFX", [clip("steps")], "Audio"),
        track("Fxavier", [clip("person")], "Audio"),
    ]
    placed = place_clips(project(tmp_path, tracks)).of_kind("audio")
    assert [(c.name, c.bed) for c in placed] == [("voice", False), ("waves", True), ("steps", True), ("person", False)]
    assert all(c.visible == ((S(0), S(2)),) for c in placed)


def test_disabled_clips_and_tracks_do_not_play_and_do_not_hide(tmp_path: Path) -> None:
    off = clip("off")
    off.enabled = False
    dark = track("V3", [clip("dark")])
    dark.enabled = False
    placed = place_clips(project(tmp_path, [track("V1", [clip("below")]), track("V2", [off]), dark])).clips
    assert [c.name for c in placed] == ["below"]


def test_titles_do_not_hide_the_picture(tmp_path: Path) -> None:
    title = otio.schema.Clip("title", otio.schema.GeneratorReference("title", "Text"), frames(0, 50))
    placement = place_clips(project(tmp_path, [track("V1", [clip("below")]), track("V2", [title])]))
    assert [c.name for c in placement.clips] == ["below"]
    assert placement.problems == ()


def test_nested_stacks_and_tracks_with_source_ranges(tmp_path: Path) -> None:
    inner = otio.schema.Stack("nested", [track("n1", [gap(10), clip("a", 5, 100), clip("b", 0, 100)])], frames(60, 75))
    outer = track("V1", [clip("before", 0, 25), inner, clip("after", 0, 25)])
    made = project(tmp_path, [outer])
    before, a, b, after = place_clips(made).clips
    # inside the nest, a runs 10..110 and b 110..210; the nest shows 60..135 of that, from 1 s on
    assert (a.start, a.visible) == (1 + S(10 - 60, 25), ((S(1), S(3)),))
    assert a.frames_during(a.visible[0]) == (5 + 50, 50)
    assert (b.start, b.visible) == (S(3), ((S(3), S(4)),))
    assert (before.end, after.start) == (1, 4)
    assert item_at(made.timeline, a.address).name == "a"
    assert a.track == "V1"


def test_a_trimmed_track_and_sound_in_a_nest(tmp_path: Path) -> None:
    nest = otio.schema.Stack("nest", [track("nv", [clip("v", 0, 50)]), track("na", [clip("s", 0, 50)], "Audio")])
    outer = track("V1", [gap(25), nest])
    outer.source_range = frames(25, 40)
    placement = place_clips(project(tmp_path, [outer]))
    assert [(c.name, c.kind, c.start, c.visible) for c in placement.clips] == [
        ("v", "video", 0, ((S(0), S(8, 5)),)),
        ("s", "audio", 0, ((S(0), S(8, 5)),)),
    ]
    assert placement.duration == S(8, 5)


def test_transitions_lend_handles_and_take_no_time(tmp_path: Path) -> None:
    children = [clip("a", 100, 50), transition(10, 5), clip("b", 200, 50), transition(4, 50), clip("c", 2, 50)]
    a, b, c = place_clips(project(tmp_path, [track("V1", children)])).clips
    assert (a.start, a.end, a.first_frame, a.frame_count) == (0, S(55, 25), 100, 55)
    assert (b.start, b.end, b.first_frame, b.frame_count) == (S(40, 25), S(150, 25), 190, 110)
    # the dissolve asks for 4 frames before c, whose media has only 2 there
    assert (c.start, c.first_frame, c.frame_count) == (S(98, 25), 0, 52)
    assert a.visible == ((S(0), S(55, 25)),)


def test_a_clip_never_uses_frames_that_its_media_lacks(tmp_path: Path) -> None:
    (placed,) = place_clips(project(tmp_path, [track("V1", [clip("a", 90, 50, available=frames(0, 100))])])).clips
    assert (placed.first_frame, placed.frame_count) == (90, 10)
    placement = place_clips(project(tmp_path, [track("V1", [clip("a", 190, 50, available=frames(0, 100))])]))
    assert "outside of its media" in placement.problems[0].reason


def test_a_source_range_at_another_rate_covers_whole_frames_of_the_media(tmp_path: Path) -> None:
    one = clip("a", 1, 10, rate=10, available=frames(0, 1000, 25))  # 0.1 s to 1.1 s: frames 2.5 to 27.5
    (placed,) = place_clips(project(tmp_path, [track("V1", [one])])).clips
    assert (placed.rate, placed.first_frame, placed.frame_count) == (25, 2, 26)
    assert placed.start == -S(1, 50)
    assert placed.visible == ((S(0), S(1)),)


def test_sound_counted_in_samples(tmp_path: Path) -> None:
    voice = clip("voice", 48_001, 96_000, rate=48_000, available=frames(0, 480_000, 48_000))
    tracks = [track("V1", [clip("p")]), track("A1", [voice], "Audio")]
    (placed,) = place_clips(project(tmp_path, tracks)).of_kind("audio")
    assert (placed.media_start, placed.duration) == (S(48_001, 48_000), 2)


def test_time_effects_are_reported_hide_what_is_below_and_the_others_still_run(tmp_path: Path) -> None:
    slow, frozen, same = clip("slow"), clip("frozen"), clip("same")
    slow.effects.append(otio.schema.LinearTimeWarp(time_scalar=0.5))
    frozen.effects.append(otio.schema.FreezeFrame())
    same.effects.append(otio.schema.LinearTimeWarp(time_scalar=1.0))
    tracks = [track("V1", [clip("below", 0, 300)]), track("V2", [slow, frozen, same])]
    start = otio.opentime.RationalTime(25 * 3600, 25)
    placement = place_clips(project(tmp_path, tracks, start=start))
    assert [str(p).split(";")[0] for p in placement.problems] == [
        "Clip 'slow' on track 'V2' at 01:00:00:00: it plays at 0.5 times its speed",
        "Clip 'frozen' on track 'V2' at 01:00:02:00: it is a freeze frame, which has no time of its own to dub",
    ]
    assert [(c.name, c.visible[0]) for c in placement.clips] == [("same", (S(4), S(6))), ("below", (S(6), S(12)))]


def test_missing_media_is_reported_by_clip_and_timecode(tmp_path: Path) -> None:
    missing = otio.schema.Clip("gone", otio.schema.MissingReference(), frames(0, 50))
    lost = clip("lost", url="missing/lost.mov")
    frames_only = otio.schema.Clip("stills", otio.schema.ImageSequenceReference("x/", "a", ".png"), frames(0, 50))
    placement = place_clips(project(tmp_path, [track("V1", [missing, lost, frames_only, clip("ok")])]))
    assert [c.name for c in placement.clips] == ["ok"]
    assert placement.clips[0].start == 6
    assert [(p.clip, p.timecode) for p in placement.problems] == [
        ("gone", "00:00:00:00"),
        ("lost", "00:00:02:00"),
        ("stills", "00:00:04:00"),
    ]
    assert "does not exist" in placement.problems[1].reason


def test_a_clip_of_unknown_length_stops_its_track_only(tmp_path: Path) -> None:
    unknown = otio.schema.Clip("unknown", otio.schema.ExternalReference("media/u.mov"))
    tracks = [track("V1", [clip("a"), unknown, clip("b")]), track("A1", [clip("s", 0, 200)], "Audio")]
    placement = place_clips(project(tmp_path, tracks))
    assert [c.name for c in placement.clips] == ["a", "s"]
    assert "length is stated nowhere" in placement.problems[0].reason


def test_impossible_times_are_refused_or_reported(tmp_path: Path) -> None:
    bad = clip("bad")
    bad.source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(float("nan"), 25), otio.opentime.RationalTime(50, 25)
    )
    placement = place_clips(project(tmp_path, [track("V1", [bad, clip("ok")])]))
    assert [c.name for c in placement.clips] == ["ok"]
    assert "must be finite" in placement.problems[0].reason
    broken = project(tmp_path, [track("V1", [clip("ok")])], start=otio.opentime.RationalTime(1, 0))
    with pytest.raises(ProjectError, match="cannot be laid out"):
        place_clips(broken)


def test_endless_nesting_is_refused(tmp_path: Path) -> None:
    nest: otio.core.Item = clip("deep")
    for _ in range(60):
        nest = otio.schema.Stack(children=[nest])
    with pytest.raises(ProjectError, match="nested more than"):
        place_clips(project(tmp_path, [track("V1", [nest])]))


def test_speakers_come_from_metadata(tmp_path: Path) -> None:
    one, two = clip("one"), clip("two")
    one.metadata["codub"] = {"speaker": "ANNA"}
    two.metadata["character"] = " BEN "
    assert [c.speaker for c in place_clips(project(tmp_path, [track("V1", [one, two])])).clips] == ["ANNA", "BEN"]
