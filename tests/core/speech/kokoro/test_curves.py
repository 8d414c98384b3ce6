"""Silence put into predicted frames."""

import numpy as np
import pytest

from codub.latent import SILENT_ENERGY
from codub.speech.kokoro.curves import Curves, joined
from codub.speech.kokoro.spans import FEATURES_BEHIND, in_sound, loud

DURATIONS = np.array([4, 3, 4])


@pytest.fixture
def hummed() -> Curves:
    """Three symbols, the middle one a pause that the model sounds through; its last frame but one is the quietest."""
    owners = np.repeat(np.arange(3), DURATIONS)
    energy = np.repeat([5, 5, 4, 3, 2, 5, 5, 5, 5, 5, 5], 2).astype(np.float32)
    return Curves(owners[None].astype(np.float32), np.full(22, 150, np.float32), energy, owners)


def test_a_pause_is_silent_for_what_it_is_longer(hummed: Curves) -> None:
    paused = hummed.silenced(DURATIONS, np.array([0, 6, 0]))
    assert paused.owners.tolist() == [0] * 4 + [1] * 9 + [2] * 4
    np.testing.assert_array_equal(paused.features[0], paused.owners)
    heard = loud(paused.energy)
    assert (~heard).sum() == 6
    assert set(in_sound(paused.owners)[~heard]) == {1}
    silent = np.repeat(~heard, 2)
    assert np.all(paused.energy[silent] == np.float32(SILENT_ENERGY))
    assert np.all(paused.f0[silent] == 0)
    assert np.all(paused.energy[~silent] == hummed.energy)
    assert np.flatnonzero(~heard)[0] == 4  # before the quietest frame of the pause's sound


def test_several_pauses_and_none(hummed: Curves) -> None:
    both = joined([hummed, hummed]).silenced(np.tile(DURATIONS, 2), np.array([0, 2, 0, 0, 3, 0]))
    assert (~loud(both.energy)).sum() == 5
    same = hummed.silenced(DURATIONS, np.zeros(3, dtype=np.int64))
    np.testing.assert_array_equal(same.energy, hummed.energy)


def test_a_pause_at_the_very_start_has_its_silence_there() -> None:
    owners = np.array([0, 1, 1, 1])
    curves = Curves(owners[None].astype(np.float32), np.zeros(8, np.float32), np.full(8, 3, np.float32), owners)
    paused = curves.silenced(np.array([1, 3]), np.array([FEATURES_BEHIND, 0]))
    assert paused.owners.tolist() == [0, 0, 0, 1, 1, 1]
    assert len(paused.energy) == 2 * len(paused.owners)
