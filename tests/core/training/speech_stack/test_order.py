"""Every line once an epoch, whatever the number of processes; batches made ahead are the same ones."""

import threading

import pytest

from codub.training.speech_stack.order import Ahead, Order, seed_of


def test_an_epoch_has_every_item_once_and_the_next_another_order() -> None:
    order = Order(10, batch=4, seed=1)
    stream = [order.item(place) for step in range(5) for place in order.places(step)]
    assert sorted(stream[:10]) == sorted(stream[10:]) == list(range(10))
    assert stream[:10] != stream[10:]
    assert [order.epoch(step) for step in range(6)] == [0, 0, 0, 1, 1, 2]
    assert [Order(10, 4, seed=2).item(place) for place in range(10)] != stream[:10]


def test_processes_share_what_one_would_do() -> None:
    whole = Order(7, batch=6, seed=3)
    parts = [Order(7, batch=3, seed=3, rank=rank, processes=2) for rank in range(2)]
    for step in range(4):
        assert [place for part in parts for place in part.places(step)] == whole.places(step)
        assert parts[1].epoch(step) == whole.epoch(step)


def test_made_ahead_is_made_once_and_in_order() -> None:
    made: list[int] = []
    lock = threading.Lock()

    def make(step: int) -> int:
        with lock:
            made.append(step)
        return step * step

    ahead = Ahead(make, depth=2)
    assert [ahead(step) for step in (5, 6, 7)] == [25, 36, 49]
    assert sorted(made) == list(range(5, 10))[: len(made)]
    assert ahead(3) == 9  # a step back, as after a failure
    assert [Ahead(make)(2)] == [4]


def test_an_error_while_making_comes_through() -> None:
    def fail(step: int) -> int:
        raise ValueError(f"step {step}")

    with pytest.raises(ValueError, match="step 4"):
        Ahead(fail, depth=1)(4)


def test_seeds_differ_by_every_number() -> None:
    assert len({seed_of(a, b) for a in range(4) for b in range(4)}) == 16
    assert seed_of(1, 2) == seed_of(1, 2)
