"""The map from styles to embeddings: what it learns, how it is inverted, how its examples are kept."""

from pathlib import Path

import numpy as np
import pytest

from codub.errors import WeightsError
from codub.speech.style_examples import read_heard, save_heard
from codub.speech.style_map import HeardStyles, learn_map
from codub.speech.voice_space import voice_space

RANDOM = np.random.default_rng(0)
VOICES = RANDOM.standard_normal((12, 128)).astype(np.float32)
SLOPE = RANDOM.standard_normal((11, 16))
SPACE = voice_space(VOICES)


def sound(acoustic: np.ndarray, f0_hz: np.ndarray) -> np.ndarray:
    """A made voice: bent in the style, and in F0."""
    raw = np.abs(SPACE.place(acoustic) @ SLOPE + 2) + np.log(f0_hz / 150)[:, None] * np.linspace(-3, 3, 16)
    return np.asarray(raw / np.linalg.norm(raw, axis=1, keepdims=True), np.float32)


def heard(count: int, seed: int = 1) -> HeardStyles:
    random = np.random.default_rng(seed)
    acoustic = SPACE.acoustic(0.7 * random.standard_normal((count, SPACE.dimensions)))
    f0_hz = random.uniform(100, 220, count).astype(np.float32)
    return HeardStyles(acoustic, f0_hz, sound(acoustic, f0_hz))


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_places_in_the_space_and_styles_are_the_same_thing() -> None:
    assert SPACE.dimensions == 11  # twelve points span no more
    z = SPACE.place(VOICES)
    assert z.mean(axis=0) == pytest.approx(np.zeros(11), abs=1e-6)
    assert z.std(axis=0) == pytest.approx(np.ones(11), abs=1e-5)
    assert SPACE.acoustic(z) == pytest.approx(VOICES, abs=1e-5)


def test_more_examples_forecast_better_and_f0_counts() -> None:
    few, many, fresh = learn_map(SPACE, [heard(60)]), learn_map(SPACE, [heard(60), heard(400, 2)]), heard(50, 3)
    scores = [
        np.mean(
            [
                cosine(known.forecast(a, f), e)
                for a, f, e in zip(fresh.acoustic, fresh.f0_hz, fresh.embeddings, strict=True)
            ]
        )
        for known in (few, many)
    ]
    deaf = np.mean([cosine(many.forecast(a, None), e) for a, e in zip(fresh.acoustic, fresh.embeddings, strict=True)])
    assert scores[1] > scores[0]
    assert scores[1] > max(deaf, 0.9)


def test_the_inverse_sounds_as_wanted() -> None:
    known, fresh = learn_map(SPACE, [heard(400)]), heard(20, 4)
    found = np.stack([known.invert(e, float(f)) for e, f in zip(fresh.embeddings, fresh.f0_hz, strict=True)])
    got = (sound(found, fresh.f0_hz) * fresh.embeddings).sum(axis=1).mean()
    mean_voice = (sound(np.tile(SPACE.acoustic(np.zeros(11)), (20, 1)), fresh.f0_hz) * fresh.embeddings).sum(axis=1)
    assert got > mean_voice.mean() + 0.5 * (1 - mean_voice.mean())


def test_a_known_error_is_allowed_for() -> None:
    known, wanted = learn_map(SPACE, [heard(400)]), heard(1, 5)
    off = 0.3 * np.eye(16)[3]
    style = known.invert(wanted.embeddings[0], 150.0, error=off)
    plain = known.invert(wanted.embeddings[0], 150.0)
    assert cosine(known.forecast(style, 150.0) + off, wanted.embeddings[0]) > cosine(
        known.forecast(plain, 150.0) + off, wanted.embeddings[0]
    )


def test_examples_are_kept_in_half_precision(tmp_path: Path) -> None:
    examples = heard(5)
    save_heard(tmp_path / "a.safetensors", examples)
    again = read_heard(tmp_path / "a.safetensors")
    assert again.acoustic == pytest.approx(examples.acoustic, abs=2e-3)
    assert again.f0_hz == pytest.approx(examples.f0_hz, rel=1e-3)
    (tmp_path / "b.safetensors").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match=r"b\.safetensors"):
        read_heard(tmp_path / "b.safetensors")
