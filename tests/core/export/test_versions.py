"""A timeline dubbed with made takes comes out as two programmes that can be rendered."""

import shutil
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest

from codub.errors import UsageError
from codub.export.preview import Preview, render_preview
from codub.export.programme import Segment, length
from codub.export.versions import versions
from codub.media.audio import write_wav
from codub.media.encode import write_video
from codub.media.probe import probe
from codub.media.video import read_frames
from codub.timeline.clips import place_clips
from codub.timeline.cues import Cue
from codub.timeline.read import read_timeline
from codub.timeline.write import Bed, Dub, PictureTake, VoiceTake, write_dubbed
from codub.timing import DELIVERY_RATE

CUE = Cue(2, "Vale, pero mueve la tuya.", "es", "ANA", F(283, 100), F(462, 100), "Lay red with p nine again.")


@pytest.fixture
def sample(root, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(root / "sample_projects" / "kitchen_table", folder)
    return read_timeline(folder / "timeline.otio")


@pytest.fixture
def dubbed(sample, tmp_path):
    """The sample with one made take: a white picture on Ana's shot, a line of one value, a silent bed."""
    folder = tmp_path / "project"
    placed = place_clips(sample)
    shot = placed.of_kind("video")[1]
    talk = next(clip for clip in placed.of_kind("audio") if clip.name == "kt_dialogue_2")
    info = probe(shot.media).require_video()
    frames = (np.full((info.height, info.width, 3), 235, np.uint8) for _ in range(shot.frame_count))
    write_video(folder / "take.mp4", frames, info, shot.frame_count)
    samples = round(CUE.window * DELIVERY_RATE)
    write_wav(folder / "line.wav", np.full(samples, 0.25, np.float32))
    write_wav(folder / "bed.wav", np.zeros(round(talk.duration * DELIVERY_RATE), np.float32))
    dub = Dub(
        "es",
        (VoiceTake(CUE, 1, folder / "line.wav", CUE.start, samples, DELIVERY_RATE),),
        (PictureTake(shot, folder / "take.mp4", {2: 1}),),
        (Bed(talk, folder / "bed.wav"),),
    )
    write_dubbed(sample, dub, folder / "dubbed.otio")
    return read_timeline(folder / "dubbed.otio")


def test_both_versions_are_frame_for_frame(dubbed, sample):
    both = versions(dubbed)

    assert (both.language, both.rate, both.missing) == ("es", 25, ())
    assert length(both.original) == length(both.dub) == 300
    assert [(s.media.stem, s.first, s.count) for s in both.original] == [
        ("tom_place", 4, 64), ("ana_lay", 6, 60), ("table", 0, 58),
        ("ana_place", 4, 29), ("ana_place_close", 33, 33), ("tom_set", 6, 56),
    ]  # fmt: skip
    changed = [n for n, (a, b) in enumerate(zip(both.original, both.dub, strict=True)) if a != b]
    assert changed == [1]
    assert (both.dub[1].media.name, both.dub[1].first, both.dub[1].count) == ("take.mp4", 0, 60)


def test_the_dub_is_heard_at_its_sample_over_the_bed(dubbed):
    mix = versions(dubbed).dub_mix

    assert [(line.media.name, line.start, line.duration) for line in mix.lines] == [("line.wav", CUE.start, CUE.window)]
    assert {s.media.name for s in mix.bed} == {"music_and_effects.flac", "bed.wav"}
    assert [s.media.stem for s in mix.original] == ["tom_place", "tom_set", "ana_place", "tom_set"]
    bed = next(s for s in mix.bed if s.media.name == "bed.wav")
    assert (bed.start, bed.duration, bed.media_start) == (F(64, 25), F(60, 25), 0)
    assert len(versions(dubbed).original_mix.original) == 6


def test_captions_and_timecode_come_from_the_timeline(dubbed):
    both = versions(dubbed)

    assert [(c.start, c.end, c.original, c.dub) for c in both.captions] == [
        (CUE.start, CUE.end, CUE.source_text, CUE.text)
    ]
    assert both.start == 0


def test_a_take_that_is_gone_is_told_of_and_the_original_plays(dubbed):
    (dubbed.path.parent / "take.mp4").unlink()

    both = versions(dubbed)

    assert both.dub == both.original
    assert any("kt_sh020" in sentence and "take.mp4" in sentence for sentence in both.missing)


def test_a_timeline_without_a_dub_is_refused(sample):
    with pytest.raises(UsageError, match="no dub yet"):
        versions(sample)


def test_gaps_are_black_and_overlapping_handles_are_cut_in_the_middle(dubbed):
    import opentimelineio as otio

    timeline = dubbed.timeline.clone()
    track = timeline.tracks[0]
    half, ten = otio.opentime.RationalTime(4, 25), otio.opentime.RationalTime(10, 25)
    track.insert(4, otio.schema.Transition("dissolve", "SMPTE_Dissolve", half, half))
    track.insert(0, otio.schema.Gap(duration=ten))

    both = versions(replace(dubbed, timeline=timeline))

    assert both.original[0] == Segment(None, 0, 10)
    assert length(both.original) == length(both.dub) == 310
    assert [s.count for s in both.original] == [10, 64, 60, 58, 29, 33, 56]
    assert [s.first for s in both.original][-3:] == [4, 33, 6]


def test_the_preview_of_it_shows_the_take(dubbed, tmp_path):
    both = versions(dubbed)
    path = tmp_path / "preview.mp4"

    start = [Segment(both.original[0].media, 4, 64), Segment(both.original[1].media, 6, 6)]
    dub = [start[0], replace(both.dub[1], count=6)]
    render_preview(path, Preview(tuple(start), tuple(dub), both.captions, both.dub_mix, both.start))

    info = probe(path)
    assert (info.video.frames, info.audio.duration) == (70, F(70, 25))
    for number, white in ((63, False), (64, True), (69, True)):
        frame = next(read_frames(path, number, 1))
        assert (frame[60:280, 380:700].mean() > 225) == white
