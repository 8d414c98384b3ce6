import random
from fractions import Fraction

import numpy as np
import pytest

from codub_panel.viewing.footage import Stretch
from codub_panel.viewing.player import Player
from codub_panel.viewing.steady import AHEAD, SteadyTime


class Machine:
    """A wall clock, and a device that plays what it was given, telling how much only once a period."""

    def __init__(self, period: int, drift: Fraction = Fraction(1)) -> None:
        self.now = 0  # ns
        self.period, self.drift = period, drift
        self.stalled = 0

    def true(self) -> int:
        """Samples that really sounded."""
        return int((self.now - self.stalled) * self.drift * 48 // 10**6)

    def told(self) -> int:
        return self.true() // self.period * self.period


class DeviceClock:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.time = SteadyTime(lambda: machine.now)

    def start(self, feed) -> None:
        self.time.start(self.machine.told)

    def stop(self) -> None:
        pass

    def heard(self) -> int:
        return self.time.heard()


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001)])
@pytest.mark.parametrize("period", [240, 480, 960, 1920])
@pytest.mark.parametrize("drift", [Fraction(1), Fraction(999, 1000), Fraction(1001, 1000)])
def test_the_picture_stays_within_one_frame_of_the_sound_heard(rate, period, drift):
    machine = Machine(period, drift)
    player = Player(DeviceClock(machine))
    player.load(Stretch(rate, Fraction(0), 5000, 0, 5000))
    player.play()
    jitter = random.Random(1)
    apart = []
    for _ in range(2500):
        machine.now += jitter.choice([8, 8, 8, 9, 12, 30]) * 10**6
        player.tick()
        if machine.told():  # the device's first word is waited for
            true = Fraction(machine.true(), 48000) * rate
            apart.append(float(player.frame + Fraction(1, 2) - true))
    # The frame seen is the one heard, its predecessor, or its successor.
    assert np.abs(apart).max() < 1.5
    assert np.mean(np.abs(apart) <= 0.5) > 0.4
    assert player.frame > 500


def test_a_stalled_device_holds_the_picture():
    machine = Machine(480)
    clock = DeviceClock(machine)
    clock.start(None)
    for _ in range(100):
        machine.now += 10**7
        clock.heard()
    before = clock.heard()
    for _ in range(50):
        machine.now += 10**7
        machine.stalled += 10**7
        assert before <= clock.heard() <= machine.told() + AHEAD


def test_time_never_goes_back_and_goes_on_when_the_device_is_lost():
    machine = Machine(1920)
    clock = DeviceClock(machine)
    clock.start(None)
    told = []
    for step in range(300):
        machine.now += 7 * 10**6
        told.append(clock.heard())
        if step == 150:
            clock.time.lose_device()
            machine.stalled = machine.now
    assert told == sorted(told)
    assert told[-1] == pytest.approx(300 * 7 * 48, abs=2500)


def test_without_a_device_it_is_the_walls_time():
    now = [0]
    time = SteadyTime(lambda: now[0])
    time.start(None)
    now[0] = 1_500_000_000
    assert time.heard() == 72_000
