from fractions import Fraction
from pathlib import Path

import pytest
from made_sessions import again, dub, keep, states

from codub.dubbing.record import ReviewState
from codub.dubbing.shots import Shot
from codub.dubbing.takes import TakesStore
from codub.errors import UsageError
from codub.speech.model import Delivery
from codub_panel.project.session import LineState


def test_a_new_project_has_nothing_but_lines(session):
    assert states(session) == ["new", "new", "new"]
    assert session.timecode(session.lines[1].cue.start) == "01:00:00:20"
    assert session.missing_consent([1, 2]) == ("ANA",)
    assert session.next_request() is None
    assert session.current == 1


def test_takes_of_another_process_are_noticed(session):
    with TakesStore.open(session.store.folder) as other:
        keep(session, 2, store=other)
        assert states(session) == ["new", "new", "new"]
        told = []
        session.watch(told.append)
        session.refresh()
        assert states(session) == ["new", "review", "new"]
        assert told == [1]
        session.refresh()
        assert told == [1]


def test_an_edited_text_is_what_gets_dubbed(session):
    before = session.job.lines.read_bytes()
    dub(session, 1)
    session.edit(1, "  ¿Adónde\nfue? ")
    assert session.lines[0].cue.text == "¿Adónde fue?"
    assert session.lines[0].stale
    assert session.lines[0].edited == {"text"}
    session.enqueue([1])
    request = session.next_request()
    assert "¿Adónde fue?" in Path(request["lines"]).read_text(encoding="utf-8")
    assert session.job.lines.read_bytes() == before


def test_an_emptied_text_is_not_taken(session):
    session.edit(1, "  ")
    assert session.lines[0].cue.text == "¿Dónde está?"
    assert session.undo_name == ""


def test_fit_is_told_while_typing_and_heeds_the_pace(session):
    assert session.lines[1].misfit == pytest.approx(0, abs=0.1)
    session.edit(2, "No lo sé, y aunque lo supiera tampoco te lo diría hoy.")
    over = session.lines[1].misfit
    assert over > 1
    session.set_delivery(2, Delivery(pace=1.3))
    assert session.lines[1].misfit < over - 0.3


def test_a_delivery_is_set_reset_and_asked_for(session):
    dub(session, 1)
    assert not session.line(1).stale
    session.set_delivery(1, Delivery(pace=1.1, pitch=-2.0, durations=(None, 0.2)))
    assert session.line(1).stale
    assert session.line(1).edited == {"delivery"}
    session.enqueue([1])
    assert session.next_request()["deliveries"] == {"1": {"pace": 1.1, "pitch": -2.0, "durations": [None, 0.2]}}
    session.finished()
    session.reset_delivery(1, "pitch")
    assert session.line(1).delivery == Delivery(pace=1.1, durations=(None, 0.2))
    session.reset_delivery(1)
    assert session.line(1).delivery == Delivery()
    assert not session.line(1).stale


def test_another_text_takes_the_durations_of_its_sounds_away_and_undo_brings_them_back(session):
    session.set_delivery(1, Delivery(pace=1.1, durations=(0.2, None)))
    session.edit(1, "Otra cosa.")
    assert session.line(1).delivery == Delivery(pace=1.1)
    session.undo()
    assert session.line(1).delivery == Delivery(pace=1.1, durations=(0.2, None))


def test_the_delivery_of_a_take_can_be_gone_on_from(session):
    session.set_delivery(1, Delivery(pitch=3.0))
    dub(session, 1)
    session.reset_delivery(1)
    session.adopt(1, session.line(1).takes[0])
    assert session.line(1).delivery == Delivery(pitch=3.0)


def test_a_window_is_moved_to_the_millisecond_and_shows_its_own_pictures(session):
    asked = []
    session._reshoot = lambda cue: asked.append(cue) or Shot(cue, "ANA", (), (), Fraction(25))
    dub(session, 2)
    session.set_window(2, end=Fraction(2) + Fraction(1, 3))
    cue = session.line(2).cue
    assert (cue.start, cue.end) == (Fraction(4, 5), Fraction(2333, 1000))
    assert session.line(2).stale
    assert session.line(2).parts == ()
    assert asked == [cue]
    session.set_delivery(2, Delivery(pace=1.1))
    assert len(asked) == 1
    session.reset_window(2)
    assert session.line(2).parts != ()
    assert session.line(2).edited == {"delivery"}


@pytest.mark.parametrize(("start", "end"), [(None, Fraction(9, 10)), (Fraction(3, 2), None), (Fraction(-1), None)])
def test_a_window_that_cannot_be_is_refused(session, start, end):
    with pytest.raises(UsageError, match="Line 2 cannot last"):
        session.set_window(2, start, end)
    assert session.line(2).edited == frozenset()


def test_review_star_and_comments_are_kept(session):
    dub(session, 1)
    dub(session, 1)
    first, second = session.line(1).takes
    assert session.line(1).chosen == second
    session.choose(1, first)
    session.comment(1, session.line(1).takes[0], "warmer")
    session.star(1, session.line(1).takes[1])
    session.note(1, "ask the director")
    assert session.review(1, ReviewState.APPROVED)
    assert session.review(1, ReviewState.REJECTED, session.line(1).takes[1])
    assert session.line(1).state is LineState.APPROVED
    assert not session.review(2, ReviewState.APPROVED)
    line = again(session).line(1)
    assert (line.chosen.take, line.chosen.state, line.chosen.comment) == (1, ReviewState.APPROVED, "warmer")
    assert [(take.starred, take.state.value) for take in line.takes] == [(False, "approved"), (True, "rejected")]
    assert line.comment == "ask the director"


def test_no_take_may_be_chosen_and_the_original_plays(session):
    dub(session, 1)
    session.choose(1, None)
    assert session.line(1).state is LineState.NEW
    assert session.store.selected(1, "es") is None
    session.undo()
    assert session.line(1).chosen.take == 1


def test_takes_are_marked_to_compare(session):
    dub(session, 1)
    dub(session, 1)
    one, two = session.line(1).takes
    session.mark(1, "A", one)
    session.mark(1, "B", two)
    assert session.line(1).compared == (one, two)
    assert again(session).line(1).compared == (one, two)
    session.mark(1, "A", None)
    assert session.line(1).compared == (None, two)


def test_every_edit_is_undone_and_made_again_by_name(session):
    dub(session, 1)
    dub(session, 1)
    start = session.lines[0]
    actions = {
        "edit of line 1": lambda: session.edit(1, "Otra cosa."),
        "delivery of line 1": lambda: session.set_delivery(1, Delivery(pace=1.2)),
        "window of line 1": lambda: session.set_window(1, end=Fraction(7, 10)),
        "remark on line 1": lambda: session.note(1, "hm"),
        "choice of take 1 of line 1": lambda: session.choose(1, session.line(1).takes[0]),
        "approval of line 1": lambda: session.review(1, ReviewState.APPROVED),
        "star of take 1 of line 1": lambda: session.star(1, session.line(1).takes[0]),
        "comment on take 1 of line 1": lambda: session.comment(1, session.line(1).takes[0], "good"),
    }
    seen = [start]
    for act in actions.values():
        act()
        seen.append(session.lines[0])
    for name, before in zip(reversed(actions), reversed(seen[:-1]), strict=True):
        assert session.undo_name == name
        assert session.undo() == name
        assert session.lines[0] == before
        assert again(session).lines[0] == before
    for name, after in zip(actions, seen[1:], strict=True):
        assert session.redo() == name
        assert session.lines[0] == after
    assert again(session).lines[0] == seen[-1]


def test_many_reviews_are_undone_at_once(session):
    dub(session, 1, 2, 5)
    with session.together("approval of 3 lines"):
        for number in (1, 2, 5):
            session.review(number, ReviewState.APPROVED)
    assert states(session) == ["approved"] * 3
    assert session.undo() == "approval of 3 lines"
    assert states(session) == ["review"] * 3


def test_the_line_in_hand_comes_back(session):
    session.set_current(5)
    assert session.current == 5
    session.refresh()
    assert again(session).current == 5
