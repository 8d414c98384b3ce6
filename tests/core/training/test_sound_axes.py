"""Made people, of whose cepstra it is known what is usual and how much is their own."""

from pathlib import Path

import numpy as np
import pytest

from codub.errors import UsageError
from codub.speech.sound_gains import CEPSTRA, Differing
from codub.training import sound_axes
from codub.training.sound_axes import explained, train_sound_axes, what_is_usual

AXES, FRAMES = 3, 2000
MIDDLE, DIRECTIONS = np.zeros(512), np.eye(512)[:, :AXES]
USUAL = np.linspace(-1, 1, AXES * (CEPSTRA - 1)).reshape(AXES, CEPSTRA - 1)
OWN = np.array([2.0, 1.0, 0.0])  # how far a person's own goes, along each axis: nobody differs along the last


def half(slope: np.ndarray, random: np.random.Generator) -> Differing:
    places = random.standard_normal((FRAMES, AXES))
    cepstra = places @ slope + 3 * random.standard_normal((FRAMES, CEPSTRA - 1))
    return Differing(places.T @ places, places.T @ cepstra, (cepstra**2).sum(axis=0), FRAMES)


def people(count: int = 60, own: np.ndarray = OWN) -> list[tuple[Differing, Differing]]:
    random = np.random.default_rng(0)
    made = []
    for _ in range(count):
        slope = USUAL + own[:, None] * random.standard_normal((AXES, CEPSTRA - 1))
        made.append((half(slope, random), half(slope, random)))
    return made


def test_what_is_usual_is_found_and_how_much_anybody_differs() -> None:
    known = what_is_usual(MIDDLE, DIRECTIONS, people())
    assert np.abs(known.usual - USUAL).max() < 1.0
    assert np.abs(known.usual - USUAL).mean() < 0.25
    doubt = known.doubt.mean(axis=1)
    assert doubt[0] < 0.5 * doubt[1] < 0.5 * doubt[2]
    assert doubt[2] > 20 * doubt[1]


def test_a_person_s_own_half_explains_the_other_where_people_differ() -> None:
    made = people()
    with_own = explained(what_is_usual(MIDDLE, DIRECTIONS, made[10:]), made[:10])
    alike = people(own=np.zeros(AXES))
    without = explained(what_is_usual(MIDDLE, DIRECTIONS, alike[10:]), alike[:10])
    # of variance 9 of chance, 1.1 of what is usual and 5 of their own
    assert with_own == pytest.approx(6.1 / 15.1, abs=0.05)
    assert without == pytest.approx(1.1 / 10.1, abs=0.05)


def test_people_who_were_heard_are_not_heard_again(tmp_path: Path) -> None:
    made = people(5)
    sound_axes._keep(tmp_path / "heard.safetensors", made)
    back = sound_axes._begun(tmp_path / "heard.safetensors")
    assert len(back) == 5
    assert np.array_equal(back[3][1].both, made[3][1].both)
    assert back[0][0].frames == FRAMES
    assert sound_axes._begun(tmp_path / "none.safetensors") == []


def test_a_handful_of_people_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_axes, "recordings", lambda *_, **__: [])
    with pytest.raises(UsageError, match="too few"):
        train_sound_axes(tmp_path, tmp_path / "out", lambda *_: None)
