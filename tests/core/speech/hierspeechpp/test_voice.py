"""The voice hears a speaker's style in a prompt of bounded length, and says which weights it lacks."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor

from codub import weights
from codub.errors import UsageError, WeightsError
from codub.latent import HIERSPEECHPP
from codub.speech.hierspeechpp.voice import HierspeechppVoice, load_speech_encoder, load_voice


def means(factor: float) -> Any:
    """A style encoder that tells the mean level of the prompt."""

    def read(mel: Tensor, mask: Tensor) -> Tensor:
        assert mask.shape == (1, 1, mel.shape[2])
        return (factor * mel.mean(dim=(1, 2)))[:, None].expand(-1, 256)

    return read


def test_a_style_is_heard_by_both_halves_in_at_most_twelve_seconds() -> None:
    nothing = cast("Any", SimpleNamespace())
    voice = HierspeechppVoice(nothing, nothing, (means(1.0), means(2.0)))
    rng = np.random.default_rng(0)
    samples = (0.1 * rng.standard_normal(20 * 16_000)).astype(np.float32)
    style = voice.style_of(samples)
    assert style.space == HIERSPEECHPP
    assert style.vector.shape == (512,)
    np.testing.assert_allclose(style.vector[256:], 2 * style.vector[:256], rtol=1e-5)
    assert style.origin == "heard in 12.0 s of the original voice"
    louder_later = samples.copy()
    louder_later[12 * 16_000 :] *= 5
    np.testing.assert_array_equal(voice.style_of(louder_later).vector, style.vector)
    assert voice.style_of(samples[: 3 * 16_000]).origin == "heard in 3.0 s of the original voice"


def test_without_imports_the_first_missing_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    threads = torch.get_num_threads()
    with pytest.raises(WeightsError, match=r"'ttv' of the profile 'hierspeechpp'.*codub weights import ttv_lt960"):
        load_voice(threads=threads)
    with pytest.raises(WeightsError, match="codub weights import"):
        load_speech_encoder(threads=threads)


def test_an_unknown_precision_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    with pytest.raises(UsageError, match="float12") as caught:
        load_voice(precision="float12")
    assert "bfloat16" in str(caught.value)
