"""The sample project is whole, small, lawful, and what its README says."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pysrt
import pytest

from codub.media.audio import read_audio
from codub.media.loudness import speech_level
from codub.media.probe import probe
from codub.media.video import read_frames

RATE = 25


@pytest.fixture(scope="module")
def project(root) -> Path:
    return root / "sample_projects" / "kitchen_table"


@pytest.fixture(scope="module")
def timeline(project) -> otio.schema.Timeline:
    return otio.adapters.read_from_file(str(project / "timeline.otio"))


def test_tracks_are_whole_and_equally_long(timeline):
    kinds = [(track.name[:2], track.kind) for track in timeline.tracks]

    assert kinds == [("V1", "Video"), ("A1", "Audio"), ("A2", "Audio")]
    assert {track.duration().value for track in timeline.tracks} == {300}
    assert len(list(timeline.tracks[0])) >= 5
    assert all(clip.duration().rate == RATE for clip in timeline.find_clips())


def test_media_is_there_by_relative_path_and_as_long_as_the_timeline_says(project, timeline):
    for clip in timeline.find_clips():
        path = Path(clip.media_reference.target_url)
        assert not path.is_absolute()
        info = probe(project / path)
        first, count = clip.source_range.start_time.value, clip.source_range.duration.value
        available = clip.media_reference.available_range
        assert 0 <= first < first + count <= available.duration.value
        if clip.parent().kind == "Video":
            video = info.require_video()
            assert (video.rate, video.frames, video.width, video.height) == (RATE, available.duration.value, 360, 288)
        else:
            assert (first + count) / RATE <= info.require_audio().duration + Fraction(1, RATE)


def test_every_media_file_is_used_and_everything_is_small(project, timeline):
    used = {Path(clip.media_reference.target_url).name for clip in timeline.find_clips()}

    assert used == {p.name for p in (project / "media").iterdir()}
    assert sum(p.stat().st_size for p in project.rglob("*") if p.is_file()) <= 4 * 2**20


def test_lines_pair_up_and_name_their_speakers(project):
    files = [pysrt.open(str(project / name)) for name in ("source.en.srt", "lines.es.srt", "lines.en.srt")]

    for cues in zip(*files, strict=True):
        assert len({(cue.start.ordinal, cue.end.ordinal) for cue in cues}) == 1
        assert len({cue.text.split(":")[0] for cue in cues}) == 1
        assert len({cue.text for cue in cues}) == 3
    assert {cue.text.split(":")[0] for cue in files[0]} == {"TOM", "ANA"}


def test_the_lines_lie_where_the_voices_are(project, timeline):
    dialogue = timeline.tracks[1]
    for cue, clip in zip(pysrt.open(str(project / "source.en.srt")), dialogue, strict=True):
        placed = dialogue.range_of_child(clip)
        offset = Fraction(int(clip.source_range.start_time.value - placed.start_time.value), RATE)
        start, end = Fraction(cue.start.ordinal, 1000), Fraction(cue.end.ordinal, 1000)
        assert start >= placed.start_time.value / RATE
        assert end <= placed.end_time_exclusive().value / RATE
        path = project / clip.media_reference.target_url
        line = read_audio(path, start + offset, end - start)
        lead = read_audio(path, Fraction(int(clip.source_range.start_time.value), RATE), Fraction(1, 5))
        assert speech_level(line, 48000) > speech_level(lead, 48000) + 6


def test_one_cut_falls_inside_a_line_and_one_line_over_the_cutaway(project, timeline):
    spans = [
        (c.start.ordinal * RATE / 1000, c.end.ordinal * RATE / 1000) for c in pysrt.open(str(project / "lines.es.srt"))
    ]
    video = timeline.tracks[0]
    cuts = [video.range_of_child(clip).start_time.value for clip in video]
    table = next(video.range_of_child(c) for c in video if "table" in c.media_reference.target_url)

    assert [n for n, (start, end) in enumerate(spans, 1) for cut in cuts if start < cut < end] == [4]
    inside = [
        n for n, (a, b) in enumerate(spans, 1) if table.start_time.value <= a and b <= table.end_time_exclusive().value
    ]
    assert inside == [3]


def test_the_bed_holds_no_voice_and_lies_below_the_dialogue(project):
    bed = read_audio(project / "media" / "music_and_effects.flac", channels=2)

    assert bed.shape == (12 * 48000, 2)
    assert -45 < speech_level(np.ascontiguousarray(bed[:, 0]), 48000) < -30


def test_cutaway_moves_and_the_close_up_is_nearer(project):
    table = [next(read_frames(project / "media" / "table.mp4", n, 1)).astype(int) for n in (0, 40)]
    wide, near = (
        next(read_frames(project / "media" / name, 35, 1)) for name in ("ana_place.mp4", "ana_place_close.mp4")
    )

    assert np.abs(table[0] - table[1]).max() > 50
    assert near.shape == wide.shape
    assert np.abs(near.astype(int) - wide).mean() > 10


def test_the_readme_credits_the_corpus(project):
    text = " ".join((project / "README.md").read_text(encoding="utf-8").split())

    for words in ("GRID", "Cooke", "CC BY 4.0", "creativecommons.org/licenses/by/4.0", "Changes:", "do not endorse"):
        assert words in text
    for name in ("pwij3p", "swwp2s", "lrwp9a", "priazn"):
        assert name in text
