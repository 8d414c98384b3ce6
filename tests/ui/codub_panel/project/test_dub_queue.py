import pytest
from made_sessions import again, dub, keep, states

from codub.errors import ProjectError
from codub_panel.project.session import PanelSession


def waiting(session: PanelSession) -> tuple[int, ...]:
    """The queue, which is the same for who opens the project now."""
    assert again(session).queue == (*session.running, *session.queue)
    return session.queue


def test_lines_wait_each_once_and_go_one_at_a_time(session):
    seen = []
    session.watch(seen.append)
    session.enqueue([1, 5, 1])
    assert states(session) == ["queued", "new", "queued"]
    request = session.next_request()
    assert (request["do"], request["cues"], request["seed"], request["language"]) == ("dub", [1], 0, "es")
    assert request["lines"] == str(session.job.lines)
    session.enqueue([1, 2])
    assert waiting(session) == (5, 2)
    assert session.running == (1,)
    assert session.next_request() is None
    assert states(session) == ["running", "queued", "queued"]
    session.report(0.1, "voice", 12.0)
    assert session.progress == (0.1, "voice", 12.0)
    keep(session, 1)
    session.finished()
    assert states(session) == ["review", "queued", "queued"]
    assert session.next_request()["cues"] == [5]
    assert seen


def test_an_unchanged_line_gets_another_reading_and_a_changed_one_the_same(session):
    dub(session, 1)
    dub(session, 1)
    assert [take.seed for take in session.line(1).takes] == [0, 1]
    session.choose(1, session.line(1).takes[0])
    session.edit(1, "Otra cosa.")
    dub(session, 1)
    assert session.line(1).takes[2].seed == 0
    dub(session, 1)
    assert session.line(1).takes[3].seed == 2


def test_a_new_order_takes_effect_is_kept_and_undone(session):
    session.enqueue([1, 2, 5])
    session.move_in_queue(5, 0)
    assert waiting(session) == (5, 1, 2)
    session.move_in_queue(1, 99)
    assert waiting(session) == (5, 2, 1)
    session.move_in_queue(77, 0)
    session.next_request()
    keep(session, 5)
    session.finished()
    session.undo()
    assert waiting(session) == (1, 2)  # 5 has been dubbed meanwhile
    session.redo()
    assert waiting(session) == (2, 1)


def test_lines_side_by_side_are_shifted_together_and_stop_at_the_ends(session):
    session.enqueue([1, 2, 5])
    session.shift_in_queue([2, 5], -1)
    assert waiting(session) == (2, 5, 1)
    session.shift_in_queue([2, 5], -1)
    assert waiting(session) == (2, 5, 1)
    session.shift_in_queue([2, 5], 1)
    assert waiting(session) == (1, 2, 5)
    session.shift_in_queue([1, 77], 1)
    assert waiting(session) == (2, 1, 5)
    session.undo()
    session.undo()
    assert waiting(session) == (2, 5, 1)


def test_a_resting_queue_gives_nothing_and_rests_over_a_restart(session):
    session.enqueue([1, 2])
    session.pause_queue()
    assert session.next_request() is None
    later = again(session)
    assert later.paused
    assert later.queue == (1, 2)
    assert states(later) == ["queued", "queued", "new"]
    later.resume_queue()
    assert later.next_request()["cues"] == [1]


def test_what_waits_is_cancelled_and_comes_back_by_undo(session):
    session.enqueue([1, 2, 5])
    session.cancel([2])
    assert waiting(session) == (1, 5)
    assert states(session) == ["queued", "new", "queued"]
    session.undo()
    assert waiting(session) == (1, 2, 5)
    assert not session.stopping


def test_the_line_in_work_is_stopped_and_is_what_it_was(session):
    session.enqueue([1, 2])
    session.next_request()
    session.cancel([1])
    assert session.stopping
    assert states(session) == ["running", "queued", "new"]
    session.finished("Stopped.")
    assert not session.stopping
    assert states(session) == ["new", "queued", "new"]
    assert session.lines[0].problem == ""  # somebody wished it
    session.next_request()
    session.cancel()
    assert session.queue == ()
    assert session.stopping


def test_a_failure_stands_on_the_line_that_got_no_take_until_it_is_changed(session):
    session.enqueue([1, 2])
    session.next_request()
    session.finished("Cue 1 has no sound.")
    assert states(session) == ["new", "queued", "new"]
    assert session.line(1).problem == "Cue 1 has no sound."
    session.next_request()
    keep(session, 2)
    session.finished("The picture failed.")
    assert session.line(2).problem == ""
    session.enqueue([1])
    assert session.line(1).problem == ""


def test_the_line_in_work_waits_first_after_a_crash_unless_its_take_was_kept(session):
    session.enqueue([1, 2])
    session.next_request()
    assert again(session).queue == (1, 2)
    session = again(session)
    session.next_request()
    keep(session, 1)
    crashed = again(session)
    assert crashed.queue == (2,)
    assert states(crashed) == ["review", "queued", "new"]


def test_a_voice_is_heard_until_its_take_arrives(session, tmp_path):
    session.enqueue([1])
    session.next_request()
    session.hear(1, tmp_path / "a.wav")
    assert session.line(1).heard == tmp_path / "a.wav"
    session.report(0.5, "face", 3.0)
    keep(session, 1)
    session._changed(1)
    assert session.line(1).heard is None
    session.finished()
    session.enqueue([1])
    session.next_request()
    session.hear(1, tmp_path / "b.wav")
    session.finished("The worker died.")
    assert session.line(1).heard is None


def test_lines_that_are_gone_do_not_wait(session):
    path = session.store.folder / "panel.json"
    path.write_text('{"es": {"queue": [77, 2], "running": 78, "current": 79}}', encoding="utf-8")
    later = again(session)
    assert later.queue == (2,)
    assert later.current == 1


def test_a_damaged_queue_is_named(session):
    (session.store.folder / "panel.json").write_text('{"es": {"order": []}}', encoding="utf-8")
    with pytest.raises(ProjectError, match=r"panel.json.*'order'"):
        again(session)
