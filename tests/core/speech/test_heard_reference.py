import numpy as np
from tests.made_dubs import QuickEar

from codub.speech.heard_reference import SAID, hear


def test_of_a_long_reference_the_beginning_is_said_again() -> None:
    whole = np.random.default_rng(0).standard_normal(round((SAID + 7) * 16_000)).astype(np.float32)
    heard = hear(whole, np.ones(256, np.float32), QuickEar())
    assert len(heard.samples) == len(whole)
    assert np.array_equal(heard.said, whole[: round(SAID * 16_000)])
    assert heard.latent.features.shape[1] == round(SAID * 40)


def test_a_short_one_is_said_whole() -> None:
    whole = np.ones(2 * 16_000, np.float32)
    assert np.array_equal(hear(whole, np.ones(256, np.float32), QuickEar()).said, whole)
