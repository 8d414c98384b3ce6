import numpy as np
import pytest

from codub.latent import EMBEDDED
from codub.speech.kokoro.voice_table import VoiceTable, voice_names
from codub.speech.kokoro.voices import named_voice, stock_voices
from codub.speech.style import F0_FACTORS, Likeness, learn, nearest_stock_voice, nearest_style, stock_likeness


def predicted(known: Likeness, acoustic: np.ndarray) -> np.ndarray:
    raw = known.forecast(acoustic)
    return raw / np.linalg.norm(raw)


def unit(*values: float) -> np.ndarray:
    return np.array(values, np.float32) / np.linalg.norm(values).astype(np.float32)


@pytest.fixture(scope="module")
def made() -> Likeness:
    """Six made voices that differ in two dimensions, and an encoder that hears exactly these two and a constant."""
    random = np.random.default_rng(0)
    plane = np.array([[2, 0], [-2, 0], [0, 2], [0, -2], [1, 1], [-1, -1]], np.float32)
    vectors = np.zeros((6, 256), np.float32)
    vectors[:, :2] = plane
    vectors[:, 128:] = random.standard_normal((6, 128))
    slope = np.zeros((128, 3), np.float32)
    slope[0, 0] = slope[1, 1] = 1
    raw = np.column_stack([plane, np.full(6, 4)])
    embeddings = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
    f0 = np.array([100, 200, 150, 150, 120, 180], np.float32)
    names = tuple("abcdef")
    return Likeness(names, vectors, embeddings, f0, np.zeros(128, np.float32), slope, unit(0, 0, 1) * 4)


def test_the_nearest_of_a_made_table(made: Likeness) -> None:
    assert nearest_stock_voice(made.embeddings[3], made) == ("d", pytest.approx(1, abs=1e-5))
    assert "nearest c" in nearest_style(made.embeddings[2], None, made).origin


def test_a_voice_between_the_stock_voices_is_found(made: Likeness) -> None:
    style = nearest_style(unit(0.9, -0.9, 4), None, made)
    assert style.space is EMBEDDED
    assert style.vector.dtype == np.float32
    assert style.vector[:2] == pytest.approx([0.9, -0.9], abs=0.4)  # restrained, it stays nearer to the mean
    assert style.vector[2:128] == pytest.approx(np.zeros(126), abs=1e-6)  # where no voice differs, it does not either
    assert predicted(made, style.vector[:128]) @ unit(0.9, -0.9, 4) > 0.99


def test_a_far_fetched_voice_is_not_followed(made: Likeness) -> None:
    style = nearest_style(unit(60, 0, 4), None, made)
    assert predicted(made, style.vector[:128]) @ unit(60, 0, 4) > 0.6
    assert np.abs(style.vector[:2]).max() < 6  # three standard deviations; the embedding alone would lead to 60


def test_f0_goes_to_the_references_within_limits(made: Likeness) -> None:
    like_a = made.embeddings[0]
    own = 100 / nearest_style(like_a, 100.0, made).f0_factor
    assert nearest_style(like_a, 1.1 * own, made).f0_factor == pytest.approx(1.1, rel=1e-3)
    assert nearest_style(like_a, None, made).f0_factor == 1.0
    assert nearest_style(like_a, 20.0, made).f0_factor == F0_FACTORS[0]
    assert nearest_style(like_a, 500.0, made).f0_factor == F0_FACTORS[1]


def test_the_shipped_table_knows_its_voices() -> None:
    known = stock_likeness()
    assert len(known.names) == 54
    assert np.linalg.norm(known.embeddings, axis=1) == pytest.approx(np.ones(54), abs=1e-3)
    forecasts = np.stack([predicted(known, vector[:128]) for vector in known.vectors])
    assert (forecasts * known.embeddings).sum(axis=1).mean() > 0.95
    sexes = np.array([name[1] for name in known.names])
    assert np.median(known.f0_hz[sexes == "f"]) > 1.4 * np.median(known.f0_hz[sexes == "m"])


@pytest.mark.parametrize("name", ["af_heart", "am_michael", "em_alex"])
def test_a_stock_voice_is_drawn_as_itself(name: str) -> None:
    known = stock_likeness()
    i = known.names.index(name)
    style = nearest_style(known.embeddings[i] / np.linalg.norm(known.embeddings[i]), float(known.f0_hz[i]))
    assert predicted(known, style.vector[:128]) @ known.embeddings[i] > 0.97
    assert style.f0_factor == pytest.approx(1, abs=0.1)
    # As near to its own vector as two stock voices never are.
    distances = np.linalg.norm(known.vectors[:, :128] - style.vector[:128], axis=1)
    assert distances.argmin() == i


def test_the_map_is_learned_from_a_table() -> None:
    # An encoder that hears a fixed linear function of the style: the map must become that function.
    random = np.random.default_rng(1)
    truth = random.standard_normal((128, 256)).astype(np.float32)
    names = (*sorted(stock_voices()), *voice_names()[54:])
    raw = np.stack([named_voice(name)[:128] for name in names]) @ truth + 5
    embeddings = (raw / 80).astype(np.float32)
    known = learn(VoiceTable(names, embeddings, np.full(len(names), 150, np.float32)))
    fresh = 0.5 * (named_voice("af_heart") + named_voice("am_michael"))[:128]
    wanted = fresh @ truth + 5
    assert predicted(known, fresh) @ (wanted / np.linalg.norm(wanted)) > 0.99
    assert len(known.names) == 54
