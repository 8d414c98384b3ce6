import pytest

from codub_panel.project.history import Change, History


class Box:
    """A value, the changes of it, and a clock."""

    def __init__(self) -> None:
        self.value, self.now = 0, 0.0
        self.history = History(clock=lambda: self.now)

    def put(self, value: int, gesture: str | None = None) -> None:
        before = self.value

        def redo() -> None:
            self.value = value

        def undo() -> None:
            self.value = before

        self.history.do(Change(f"change to {value}", redo, undo, gesture))


def test_changes_are_undone_and_made_again_in_order():
    box = Box()
    assert (box.history.undo(), box.history.undo_name) == ("", "")
    box.put(1)
    box.put(2)
    assert box.history.undo_name == "change to 2"
    assert (box.history.undo(), box.value) == ("change to 2", 1)
    assert (box.history.undo(), box.value) == ("change to 1", 0)
    assert box.history.redo_name == "change to 1"
    assert (box.history.redo(), box.value) == ("change to 1", 1)
    box.put(5)
    assert (box.history.redo(), box.value) == ("", 5)  # what came anew has taken its place


def test_a_gesture_is_undone_at_once_and_a_later_one_by_itself():
    box = Box()
    for value in (1, 2, 3):
        box.put(value, "slider")
        box.now += 0.1
    box.now += 5
    box.put(4, "slider")
    box.put(9, "another")
    values = [box.value]
    while box.history.undo():
        values.append(box.value)
    assert values == [9, 4, 3, 0]
    while box.history.redo():
        values.append(box.value)
    assert values[4:] == [3, 4, 9]


def test_changes_together_are_one():
    box = Box()
    with box.history.together("all of them"):
        box.put(1)
        with box.history.together("inner"):
            box.put(2)
        box.put(3)
    assert (box.history.undo_name, box.history.undo(), box.value) == ("all of them", "all of them", 0)
    assert (box.history.redo(), box.value) == ("all of them", 3)
    with box.history.together("nothing"):
        pass
    assert box.history.undo_name == "all of them"


def test_a_change_that_fails_is_not_remembered_and_one_that_cannot_be_undone_stays():
    history = History()

    def fail() -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        history.do(Change("never", fail, lambda: None))
    assert history.undo_name == ""
    history.do(Change("once", lambda: None, fail))
    with pytest.raises(OSError):  # noqa: PT011
        history.undo()
    assert (history.undo_name, history.redo_name) == ("once", "")


def test_what_was_done_before_an_error_in_a_group_can_be_undone():
    box = Box()

    def half() -> None:
        with box.history.together("half"):
            box.put(1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    box.history.undo()
    assert box.value == 0
