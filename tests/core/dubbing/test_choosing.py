"""Another take plays, another language, or the original; nothing is lost by choosing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made_dubs import now, written

from codub.dubbing.choosing import choose_take, choose_version
from codub.dubbing.marking import edited_since_written
from codub.dubbing.record import TakeRecord
from codub.dubbing.takes import TakesStore
from codub.dubbing.takes_database import TakesError
from codub.errors import UsageError
from codub.timeline.select import selected_takes
from codub.timeline.voice_tracks import voice_clips, voice_tracks

Add = Callable[..., TakeRecord]


def test_choosing_a_take_changes_voice_picture_and_store(film: Path, kept: TakesStore, add: Add) -> None:
    add(3)
    add(3)
    written(film, kept)
    said = choose_take(film / "DUBBED.otio", 3, 1)
    assert said == "cue 3 plays take 1 (es): 'Tres.'"
    timeline = now(film)
    assert timeline.tracks[0][1].active_media_reference_key == "dub_es_t01"
    assert voice_clips(timeline, "es")[3].active_media_reference_key == "dub_es_t01"
    chosen = kept.selected(3, "es")
    assert chosen is not None
    assert chosen.take == 1
    assert not edited_since_written(film / "DUBBED.otio", kept.folder)
    # the choice stays when the timeline is written again
    assert written(film, kept)[0].tracks[0][1].active_media_reference_key == "dub_es_t01"


def test_a_picture_that_lacks_the_chosen_take_is_told(film: Path, kept: TakesStore, add: Add) -> None:
    add(1)
    add(2, shows="1:1")
    add(1)  # its picture was never made with the second line
    written(film, kept)
    said = choose_take(film / "DUBBED.otio", 1, 2)
    assert "no picture with these takes together" in said
    assert "codub dub ... --cue" in said
    assert selected_takes(now(film), "es") == {1: 2, 2: 1}


def test_a_take_that_is_not_there_changes_nothing(film: Path, kept: TakesStore, add: Add) -> None:
    add(3)
    written(film, kept)
    before = (film / "DUBBED.otio").read_bytes()
    with pytest.raises(TakesError, match=r"Cue 3 has no take 9.*1 \(es\)"):
        choose_take(film / "DUBBED.otio", 3, 9)
    assert (film / "DUBBED.otio").read_bytes() == before


def test_a_second_language_keeps_the_first(film: Path, kept: TakesStore, add: Add) -> None:
    add(3)
    written(film, kept)
    add(3, "fr")
    timeline, notes = written(film, kept, "fr")
    assert notes == []
    two = timeline.tracks[0][1]
    assert set(two.media_references()) == {"DEFAULT_MEDIA", "dub_es_t01", "dub_fr_t01"}
    assert two.active_media_reference_key == "dub_fr_t01"
    assert [(t.name, t.enabled) for t in voice_tracks(timeline)] == [("Dub es", False), ("Dub fr", True)]
    assert choose_version(film / "DUBBED.otio", "es") == "DUBBED.otio plays the es dub"
    timeline = now(film)
    assert timeline.tracks[0][1].active_media_reference_key == "dub_es_t01"
    assert [(t.name, t.enabled) for t in voice_tracks(timeline)] == [("Dub es", True), ("Dub fr", False)]


def test_the_original_plays_again_and_all_takes_stay(film: Path, kept: TakesStore, add: Add) -> None:
    add(1)
    add(3)
    written(film, kept)
    assert choose_version(film / "DUBBED.otio", None) == "DUBBED.otio plays the original"
    timeline = now(film)
    assert {each.active_media_reference_key for t in timeline.tracks[:2] for each in t} == {"DEFAULT_MEDIA"}
    assert not any(t.enabled for t in voice_tracks(timeline))
    assert len(kept.list()) == 2
    assert not edited_since_written(film / "DUBBED.otio", kept.folder)
    with pytest.raises(UsageError, match=r"no 'de' dub.*es"):
        choose_version(film / "DUBBED.otio", "de")
