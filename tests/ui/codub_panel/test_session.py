import subprocess
from fractions import Fraction

import pytest

from codub.dubbing.record import ReviewState
from codub.dubbing.takes import TakesStore
from codub_panel.session import LineState, PanelSession


def dub(session: PanelSession, *numbers: int) -> str:
    """Run the worker's command to its end, as the window does."""
    session.enqueue(numbers)
    command = session.next_command()
    assert command is not None
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    session.finished(done.stderr.splitlines()[-1] if done.returncode else "")
    return done.stderr


def states(session: PanelSession) -> list[str]:
    return [line.state.value for line in session.lines]


def test_a_new_project_has_nothing_but_lines(session):
    assert states(session) == ["new", "new", "new"]
    assert session.timecode(session.lines[1].cue.start) == "01:00:00:20"
    assert session.missing_consent([1, 2]) == ("ANA",)
    assert session.next_command() is None


def test_dubbing_goes_through_the_queue_into_takes(session):
    seen = []
    session.watch(seen.append)
    session.enqueue([1, 5, 1])
    assert states(session) == ["queued", "new", "queued"]
    command = session.next_command()
    assert command is not None
    assert command[-4:] == ["--cue", "1", "--cue", "5"]
    assert session.next_command() is None
    session.report(0.1, "cue 1: voice", 12.0)
    assert states(session) == ["running", "new", "queued"]
    subprocess.run(command, check=True, capture_output=True)
    session.finished()
    assert states(session) == ["review", "new", "review"]
    assert seen


def test_review_and_choice_are_kept(session, tmp_path, films):
    dub(session, 1)
    dub(session, 1)
    line = session.lines[0]
    assert [take.take for take in line.takes] == [1, 2]
    assert line.chosen == line.takes[1]
    session.choose(1, line.takes[0])
    session.comment(1, line.takes[0], "warmer")
    assert session.review(1, ReviewState.APPROVED)
    assert session.lines[0].state is LineState.APPROVED
    assert not session.review(2, ReviewState.APPROVED)
    with TakesStore.open(session.store.folder) as store:
        again = PanelSession(session.lines, store, session.job, rate=Fraction(25))
        chosen = again.lines[0].chosen
        assert chosen is not None
        assert (chosen.take, chosen.state, chosen.comment) == (1, ReviewState.APPROVED, "warmer")


def test_an_edited_text_is_what_gets_dubbed(session):
    before = session.job.lines.read_bytes()
    dub(session, 1)
    session.edit(1, "  ¿Adónde\nfue? ")
    assert session.lines[0].cue.text == "¿Adónde fue?"
    assert session.lines[0].stale
    dub(session, 1)
    chosen = session.lines[0].chosen
    assert chosen is not None
    assert chosen.text == "¿Adónde fue?"
    assert not session.lines[0].stale
    assert session.job.lines.read_bytes() == before


def test_an_emptied_text_is_not_taken(session):
    session.edit(1, "  ")
    assert session.lines[0].cue.text == "¿Dónde está?"


def test_fit_is_told_while_typing(session):
    assert session.lines[1].misfit == pytest.approx(0, abs=0.1)
    session.edit(2, "No lo sé, y aunque lo supiera tampoco te lo diría hoy.")
    assert session.lines[1].misfit > 1


def test_a_failure_stands_on_the_line_that_got_no_take(session):
    session.edit(2, "fail")
    dub(session, 1, 2)
    assert states(session) == ["review", "new", "new"]
    assert session.lines[0].problem == ""
    assert session.lines[1].problem == "codub: Cue 2 has no sound."
    session.enqueue([2])
    assert session.lines[1].problem == ""


def test_each_failed_line_is_told_what_was_said_of_it(session):
    session.enqueue([1, 2, 5])
    session.next_command()
    session.finished("codub: noise\n  ! cue 1: no face\n  ! cue 2: no sound\n1 takes")
    assert [line.problem for line in session.lines[:2]] == ["! cue 1: no face", "! cue 2: no sound"]
    assert session.lines[2].problem.startswith("codub: noise")


def test_takes_of_another_process_are_noticed(session):
    subprocess.run([*session_command(session), "--cue", "2"], check=True, capture_output=True)
    assert states(session) == ["new", "new", "new"]
    session.refresh()
    assert states(session) == ["new", "review", "new"]


def session_command(session: PanelSession) -> list[str]:
    session.enqueue([2])
    command = session.next_command()
    assert command is not None
    session.finished()
    return command[:-2]


def test_what_waits_can_be_forgotten(session):
    session.enqueue([1])
    session.next_command()
    session.enqueue([2])
    session.clear_queue()
    assert states(session) == ["queued", "new", "new"]
    session.finished("Stopped.")
    assert states(session) == ["new", "new", "new"]
    assert session.next_command() is None
