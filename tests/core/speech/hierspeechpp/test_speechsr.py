"""SpeechSR: the published keys, the golden sound, lengths."""

import pytest
import torch
from golden_fill import arrays, fill, needs_golden, off_by, published_keys

from codub.speech.hierspeechpp.speechsr import SpeechSR


@needs_golden
@pytest.mark.parametrize("rate", [24, 48])
def test_the_state_dict_is_the_published_one(rate):
    state = SpeechSR(1000 * rate).state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == published_keys(f"speechsr{rate}k")
    assert {value.dtype for value in state.values()} == {torch.float32}


@needs_golden
@pytest.mark.parametrize("rate", [24, 48])
@torch.inference_mode()
def test_the_golden_sound_comes_out(rate):
    golden = arrays("sr")
    made = fill(SpeechSR(1000 * rate))(golden["in_audio_16k"])
    assert off_by(made, golden[f"out_fill_{rate}k"]) < 1e-4


@pytest.mark.parametrize(("rate", "samples", "expected"), [(24_000, 1, 1), (24_000, 5, 7), (48_000, 1, 3)])
@torch.inference_mode()
def test_short_and_odd_lengths(rate, samples, expected):
    made = fill(SpeechSR(rate))(torch.full((2, 1, samples), 0.5))
    assert made.shape == (2, 1, expected)
    assert torch.isfinite(made).all()


def test_no_other_rate():
    with pytest.raises(ValueError, match="44100"):
        SpeechSR(44_100)
