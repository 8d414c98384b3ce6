"""A style in another language: what is not heard of it goes to the natives, what is heard stays."""

from dataclasses import replace

import numpy as np
import pytest

from codub.errors import UsageError
from codub.latent import EMBEDDED
from codub.speech.accent import accented
from codub.speech.model import Style
from codub.speech.style import Likeness, nearest_style, stock_likeness


def style(*acoustic: float) -> Style:
    vector = np.zeros(256, np.float32)
    vector[: len(acoustic)] = acoustic
    vector[128:] = 7
    return Style(EMBEDDED, vector, 1.1, "made")


@pytest.fixture
def made() -> Likeness:
    """Voices that differ in three dimensions, of which the ear hears the first; the French ones differ in the third."""
    names = ("a1", "a2", "a3", "a4", "f1", "f2")
    places = [[3, 0, 0], [-3, 0, 0], [0, 3, 0], [0, -3, 0], [2, 0, 4], [-2, 0, 4]]
    vectors = np.stack([style(*place).vector for place in places])
    slope = np.zeros((128, 3), np.float32)
    slope[0, 0] = 1
    embeddings = np.eye(6, 3, dtype=np.float32)
    middle = vectors[:, :128].mean(axis=0)
    return Likeness(names, vectors, embeddings, np.full(6, 150, np.float32), middle, slope, np.ones(3, np.float32))


def test_what_is_not_heard_goes_to_the_natives_and_what_is_heard_stays(made: Likeness) -> None:
    spoken = accented(style(1.5, 1.0, 0.0), "fr-CA", made)
    assert spoken.articulation is not None
    assert spoken.articulation[:3] == pytest.approx([1.5, 0.0, 4.0], abs=0.05)
    np.testing.assert_array_equal(spoken.vector, style(1.5, 1.0, 0.0).vector)
    assert (spoken.f0_factor, spoken.origin) == (1.1, "made")


def test_the_more_it_yields_the_nearer_it_comes(made: Likeness) -> None:
    same = accented(style(1.5, 1.0, 0.0), "fr", made, yielding=0.0)
    assert same.articulation is not None
    assert same.articulation[:3] == pytest.approx([1.5, 1.0, 0.0], abs=1e-5)
    native = accented(style(1.5, 1.0, 0.0), "fr", made, yielding=1e6)
    assert native.articulation is not None
    assert native.articulation[:3] == pytest.approx([0.0, 0.0, 4.0], abs=1e-4)


def test_what_was_learned_of_another_language_s_sounds_is_half_believed(made: Likeness) -> None:
    gains = np.arange(80, dtype=np.float32).reshape(2, 40)
    own = replace(style(1.5, 1.0, 0.0), sound_gains=gains)
    np.testing.assert_allclose(accented(own, "fr", made).sound_gains, gains / 2)
    assert accented(own, "en", made).sound_gains is gains
    assert accented(style(1.5, 1.0, 0.0), "fr", made).sound_gains is None


def test_english_and_a_language_without_natives_stay_as_they_are(made: Likeness) -> None:
    own = style(1.5, 1.0, 0.0)
    assert accented(own, "en-GB", made) is own
    assert accented(own, "it", made) is own
    with pytest.raises(UsageError, match="cannot be spoken"):
        accented(own, "tlh", made)


@pytest.mark.parametrize("language", ["es", "fr", "it", "pt", "hi"])
def test_a_stranger_stays_alike_and_comes_nearer_to_the_natives(language: str) -> None:
    known = stock_likeness()
    voice = known.embeddings[known.names.index("am_onyx")] + known.embeddings[known.names.index("bm_lewis")]
    own = nearest_style(voice / np.linalg.norm(voice), 100.0)
    spoken = accented(own, language).articulation
    assert spoken is not None
    heard = [known.forecast(one) for one in (own.vector[:128], spoken)]
    # As if the generator formed the sound so too; it keeps the stranger's.
    assert heard[0] @ heard[1] > 0.8 * np.linalg.norm(heard[0]) * np.linalg.norm(heard[1])
    native = np.mean([v for n, v in zip(known.names, known.vectors, strict=True) if n[0] == language[0]], axis=0)
    spread = known.vectors[:, :128].std(axis=0)
    before, after = (np.linalg.norm((one - native[:128]) / spread) for one in (own.vector[:128], spoken))
    assert after < 0.8 * before
