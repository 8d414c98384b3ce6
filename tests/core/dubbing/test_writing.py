"""All takes of the store on the timeline as the user has it now, and nothing of the original lost."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import opentimelineio as otio
import soundfile
from made_dubs import now, opened, tone, write_lines, write_one_film_twice, written
from made_timelines import frames

from codub.dubbing.marking import edited_since_written
from codub.dubbing.record import TakeRecord
from codub.dubbing.takes import TakesStore
from codub.dubbing.writing import write_timeline
from codub.timeline.select import selected_takes
from codub.timeline.voice_tracks import voice_clips

Add = Callable[..., TakeRecord]


def test_a_take_plays_beside_the_original(film: Path, kept: TakesStore, add: Add) -> None:
    before = hashlib.sha256((film / "PROJECT.otio").read_bytes()).hexdigest()
    record = add(3)
    timeline, notes = written(film, kept)
    assert notes == []
    assert hashlib.sha256((film / "PROJECT.otio").read_bytes()).hexdigest() == before
    one, two = timeline.tracks[0]
    assert list(one.media_references()) == ["DEFAULT_MEDIA"]
    assert set(two.media_references()) == {"DEFAULT_MEDIA", "dub_es_t01"}
    assert two.active_media_reference_key == "dub_es_t01"
    assert (film / two.media_reference.target_url).read_bytes() == b"3:1"
    assert two.media_references()["DEFAULT_MEDIA"].target_url == "media/one.mp4"
    assert two.trimmed_range() == frames(0, 35)
    line = voice_clips(timeline, "es")[3]
    assert line.trimmed_range().duration == otio.opentime.RationalTime(float(record.duration * 25), 25)
    assert (film / line.media_reference.target_url).read_bytes() == b"3:1"
    assert not edited_since_written(film / "DUBBED.otio", kept.folder)


def test_the_bed_is_silent_where_the_line_was_and_only_there(film: Path, kept: TakesStore, add: Add) -> None:
    add(1)
    timeline, _ = written(film, kept)
    talk = timeline.tracks[1][0]
    assert talk.active_media_reference_key == "dub_es_bed"
    bed, rate = soundfile.read(film / talk.media_reference.target_url, dtype="float32")
    assert (len(bed), rate) == (153_600, 48_000)
    assert not bed[9_600:38_400].any()
    # cue 2 has no take yet: its original goes on playing
    assert abs(bed[48_000:76_800] - tone(3.2, level=0.1)[48_000:76_800]).max() < 1e-6


def test_sound_that_cannot_be_read_is_switched_off_and_told(film: Path, kept: TakesStore, add: Add) -> None:
    add(1)
    project = opened(film)
    (film / "media" / "talk.wav").write_bytes(b"no sound")
    notes = write_timeline(project, kept, film / "DUBBED.otio")
    assert len(notes) == 1
    assert "'talk' is switched off" in notes[0]
    talk = now(film).tracks[1][0]
    assert not talk.enabled
    assert list(talk.media_references()) == ["DEFAULT_MEDIA"]


def test_a_second_take_comes_beside_the_first(film: Path, kept: TakesStore, add: Add) -> None:
    add(3)
    add(3)
    timeline, _ = written(film, kept)
    two = timeline.tracks[0][1]
    assert set(two.media_references()) == {"DEFAULT_MEDIA", "dub_es_t01", "dub_es_t02"}
    assert two.active_media_reference_key == "dub_es_t02"
    assert selected_takes(timeline, "es") == {3: 2}


def test_a_clip_that_was_changed_since_keeps_the_voice_and_is_told(film: Path, kept: TakesStore, add: Add) -> None:
    add(1)
    write_one_film_twice(film, first=5)  # the first clip was trimmed: its frames are others now
    timeline, notes = written(film, kept)
    assert len(notes) == 1
    assert "picture of cue 1 take 1 is not on the timeline" in notes[0]
    assert "changed since" in notes[0]
    assert list(timeline.tracks[0][0].media_references()) == ["DEFAULT_MEDIA"]
    assert set(voice_clips(timeline, "es")) == {1}


def test_a_line_that_is_gone_from_the_file_keeps_its_takes(film: Path, kept: TakesStore, add: Add) -> None:
    add(3)
    write_lines(film / "LINES.es.srt", "Uno.", "Dos.")
    timeline, _ = written(film, kept)
    assert set(voice_clips(timeline, "es")) == {3}


def test_links_count_from_where_the_dub_is_written(film: Path, kept: TakesStore, add: Add) -> None:
    add(3)
    write_timeline(opened(film), kept, film / "out" / "D.otio")
    two = otio.adapters.read_from_file(str(film / "out" / "D.otio")).tracks[0][1]
    for reference in two.media_references().values():
        assert (film / "out" / otio.url_utils.filepath_from_url(reference.target_url)).is_file()
