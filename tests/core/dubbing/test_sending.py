from pathlib import Path

import opentimelineio as otio
import pytest
import soundfile
from made_dubs import now, opened, write_lines, write_one_film_twice

from codub.dubbing.record import ReviewState
from codub.dubbing.sending import Sending, list_changes, send_back
from codub.dubbing.takes import TakesStore
from codub.timeline.changes import ChangeKind, changes_between
from codub.timeline.select import selected_takes
from codub.timeline.voice_tracks import voice_clips

from .conftest import Add


def listed(film: Path, kept: TakesStore, language: str = "es") -> Sending:
    return list_changes(opened(film, language), kept, film / "DUBBED.otio")


def sent(film: Path, kept: TakesStore, language: str = "es") -> Sending:
    return send_back(opened(film, language), kept, film / "DUBBED.otio")


def told(sending: Sending) -> list[tuple[str, str, str, str]]:
    return [(change.kind.value, change.item, change.before, change.after) for change in sending.changes]


def check_true(film: Path, kept: TakesStore, language: str = "es") -> Sending:
    """Listing writes nothing; sending does exactly what was listed; then there is nothing left to list."""
    before = {path: path.read_bytes() for path in film.rglob("*") if path.is_file() and "sqlite" not in path.name}
    first = listed(film, kept, language)
    assert before == {path: path.read_bytes() for path in before}
    assert {path for path in film.rglob("*") if path.is_file() and "sqlite" not in path.name} == set(before)
    assert sent(film, kept, language) == first
    assert listed(film, kept, language).changes == ()
    return first


def test_a_first_dub_lists_track_line_pictures_sound_and_marker(film, kept, add: Add):
    add(3)
    first = check_true(film, kept)
    assert first.anew
    assert told(first) == [
        ("track", "Dub es", "", "on"),
        ("sound", "talk", "original", "dub_es_bed"),
        ("takes", "talk", "", "+ dub_es_bed"),
        ("picture", "two", "original", "dub_es_t01"),
        ("takes", "two", "", "+ dub_es_t01"),
        ("voice", "cue 3", "", "dub_es_t01 at 1.880 s"),
        ("marker", "cue 3", "", "cue 3: review (YELLOW)"),
    ]


def test_nothing_chosen_and_nothing_there_lists_nothing(film, kept):
    assert listed(film, kept).changes == ()
    assert not (film / "DUBBED.otio").exists()


def test_another_take_and_a_review_are_listed(film, kept, add: Add):
    add(3)
    sent(film, kept)
    second = add(3)
    kept.set_state(3, second.take, ReviewState.APPROVED, "es")
    changes = told(check_true(film, kept))
    assert ("picture", "two", "dub_es_t01", "dub_es_t02") in changes
    assert ("marker", "cue 3", "cue 3: review (YELLOW)", "cue 3: approved (GREEN)") in changes
    assert any(kind == "voice" and "dub_es_t02" in after for kind, _, _, after in changes)


def test_going_back_to_the_original_is_listed(film, kept, add: Add):
    add(1)
    add(3)
    sent(film, kept)
    kept.deselect(1, "es")
    changes = told(check_true(film, kept))
    assert ("picture", "one", "dub_es_t01", "original") in changes
    assert ("voice", "cue 1", "dub_es_t01 at 0.200 s", "original") in changes
    timeline = now(film)
    assert selected_takes(timeline, "es") == {3: 1}
    voices = voice_clips(timeline, "es")
    assert [voices[number].enabled for number in (1, 3)] == [False, True]
    bed, _ = soundfile.read(film / "DUBBED.codub" / "beds" / "1-0_es.wav", dtype="float32")
    assert bed[9_600:38_400].any()  # the original line is heard again
    kept.select(1, 1, "es")
    assert ("picture", "one", "original", "dub_es_t01") in told(check_true(film, kept))
    assert selected_takes(now(film), "es") == {1: 1, 3: 1}


def test_a_second_language_brings_its_track_and_puts_the_first_to_rest(film, kept, add: Add):
    add(3)
    sent(film, kept)
    add(3, "fr")
    changes = told(check_true(film, kept, "fr"))
    assert ("track", "Dub fr", "", "on") in changes
    assert ("track", "Dub es", "on", "off") in changes
    assert ("picture", "two", "dub_es_t01", "dub_fr_t01") in changes


def test_sound_that_cannot_be_read_is_listed_as_switched_off(film, kept, add: Add):
    add(1)
    project = opened(film)
    (film / "media" / "talk.wav").write_bytes(b"no sound")
    first = list_changes(project, kept, film / "DUBBED.otio")
    assert ("sound", "talk", "original", "off") in told(first)
    assert send_back(project, kept, film / "DUBBED.otio") == first


def test_an_edit_of_the_users_is_listed_too(film, kept, add: Add):
    add(3)
    sent(film, kept)
    write_one_film_twice(film, first=5)
    changes = check_true(film, kept).changes
    edits = [change for change in changes if change.kind is ChangeKind.EDIT]
    assert "0.200 s + 1.600 s (was 0.000 s + 1.800 s)" in str(edits[0])


def test_a_line_that_left_the_file_keeps_its_place(film, kept, add: Add):
    add(3)
    sent(film, kept)
    write_lines(film / "LINES.es.srt", "Uno.", "Dos.")
    check_true(film, kept)


@pytest.mark.parametrize("touch", ["name", "metadata", "marker"])
def test_only_equivalent_timelines_list_nothing(film, kept, add: Add, touch):
    add(3)
    sent(film, kept)
    was, then = now(film), now(film)
    assert changes_between(was, then) == ()
    clip = next(iter(then.find_clips()))
    if touch == "name":
        then.name = "other"
    elif touch == "metadata":
        clip.metadata["somebody"] = {"else": 1}
    else:
        clip.markers.append(otio.schema.Marker("look", clip.trimmed_range()))
    assert changes_between(was, then) != ()
