from fractions import Fraction

import pytest

from codub.errors import CueError
from codub.latent import SILENCE
from codub_panel.sound.boundaries import Kind, Marking, expected_spans, nearest, same, spoken_window
from codub_panel.sound.sound_picture import read_sound_picture
from codub_panel.viewing.footage import original_reel, take_reel

# The take says "Hola.": o 0.1 to 0.2 s, l to 0.3 s, a to 0.4 s, from second 1.5 of the timeline on.


@pytest.fixture
def picture(session, hola):
    line = session.lines[0]
    reels = (original_reel(session, line), take_reel(session, line, hola))
    return read_sound_picture(reels, hola, session.store.folder)


def marking(session, picture, **changes) -> Marking:
    line = session.lines[0]
    values = {
        "picture": picture,
        "cue": line.cue,
        "spoken": spoken_window(picture, line.cue),
        "delivery": line.delivery,
    }
    return Marking(**{**values, **changes})


def ends(boundaries, kind: Kind) -> list[tuple[str, float]]:
    return [(b.label, round(b.seconds, 4)) for b in boundaries if b.kind is kind]


def test_words_phonemes_and_the_cue_are_where_the_take_has_them(session, picture):
    marks = marking(session, picture)
    assert ends(marks.boundaries, Kind.PHONEME) == [("o", 1.7), ("l", 1.8), ("a", 1.9)]
    assert ends(marks.boundaries, Kind.WORD) == [("Hola.", 1.9)]
    assert [b.seconds for b in marks.boundaries if b.kind is Kind.CUE_END] == [0.8]
    assert not any(b.edited for b in marks.boundaries)


def test_a_moved_phoneme_takes_what_follows_along_and_shows_as_edited(session, picture):
    before = marking(session, picture)
    l_end = next(b for b in before.boundaries if b.label == "l")
    after = marking(session, picture, delivery=before.dragged(l_end, 1.85))
    assert ends(after.boundaries, Kind.PHONEME) == [("o", 1.7), ("l", 1.85), ("a", 1.95)]
    assert [b.label for b in after.boundaries if b.edited] == ["l", "Hola."]
    assert same(after.boundaries, l_end).seconds == pytest.approx(1.85)


def test_many_small_moves_come_to_the_same_as_one(session, picture):
    marks = marking(session, picture)
    word = next(b for b in marks.boundaries if b.kind is Kind.WORD)
    at_once = marks.dragged(word, 1.9 + 6 * 0.025)
    for _ in range(6):
        word = same(marks.boundaries, word)
        step = marks.step(word, False, Fraction(25))
        marks = marking(session, picture, delivery=marks.dragged(word, word.seconds + step))
    assert marks.delivery == at_once
    assert same(marks.boundaries, word).seconds == pytest.approx(2.05)


def test_a_move_before_another_keeps_both(session, picture):
    marks = marking(session, picture)
    for label, by in (("a", 0.05), ("o", 0.025)):
        boundary = next(b for b in marks.boundaries if b.label == label)
        marks = marking(session, picture, delivery=marks.dragged(boundary, boundary.seconds + by))
    assert ends(marks.boundaries, Kind.PHONEME) == [("o", 1.725), ("l", 1.825), ("a", 1.975)]


def test_a_take_made_with_the_durations_is_not_edited(session, picture):
    marks = marking(session, picture)
    moved = marks.dragged(next(b for b in marks.boundaries if b.label == "l"), 1.85)
    made = marking(session, picture, delivery=moved, made_so=True)
    assert made.spans == picture.sounds.spans
    assert not any(b.edited for b in made.boundaries)


def test_steps_are_those_that_can_be_kept(session, picture):
    marks = marking(session, picture)
    cue, sound = (next(b for b in marks.boundaries if b.kind is kind) for kind in (Kind.CUE_END, Kind.PHONEME))
    assert marks.step(cue, False, Fraction(25)) == 0.01
    assert marks.step(sound, False, Fraction(25)) == 0.025
    assert marks.step(sound, True, Fraction(24000, 1001)) == pytest.approx(1001 / 24000)


def test_durations_of_another_text_move_nothing(picture):
    assert expected_spans(picture, (0.5,)) == picture.sounds.spans


def test_without_a_take_only_the_cue_can_be_moved(session):
    line = session.lines[1]
    picture = read_sound_picture((original_reel(session, line),), None, session.store.folder)
    marks = Marking(picture, line.cue, spoken_window(picture, line.cue), line.delivery)
    assert [b.kind for b in marks.boundaries] == [Kind.CUE_START, Kind.CUE_END]
    with pytest.raises(CueError, match="cannot be moved"):
        marks.dragged(marks.boundaries[0], 1.0)


def test_what_was_read_is_measured(session, picture, hola):
    assert [wave.label for wave in picture.waves] == ["original", "take"]
    assert picture.waves[1].loudness == pytest.approx(-23.0, abs=0.3)
    assert picture.f0[:4] == pytest.approx([150.0] * 4)
    assert picture.begin == 0.0
    assert len(picture.waves[0].pyramid.samples) == len(picture.waves[1].pyramid.samples)
    assert [span.phoneme for span in picture.sounds.spans if span.phoneme != SILENCE] == ["o", "l", "a"]


def test_a_latent_that_cannot_be_read_is_told_and_the_wave_is_shown(session, hola):
    session.store.path(hola, "latent").write_bytes(b"no latent")
    line = session.lines[0]
    picture = read_sound_picture(
        (original_reel(session, line), take_reel(session, line, hola)), hola, session.store.folder
    )
    assert "cannot be read" in picture.problem
    assert len(picture.waves) == 2


def test_the_nearest_boundary_is_taken_if_it_is_near(session, picture):
    boundaries = marking(session, picture).boundaries
    assert nearest(boundaries, (Kind.PHONEME,), 1.81, 0.05).label == "l"
    assert nearest(boundaries, (Kind.PHONEME,), 1.2, 0.05) is None
