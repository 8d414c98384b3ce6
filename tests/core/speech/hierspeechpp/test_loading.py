"""Networks come with the imported weights in them, or not at all."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from codub import weights
from codub.errors import WeightsError
from codub.imported import IMPORTED
from codub.speech.hierspeechpp.loading import load_network
from codub.speech.hierspeechpp.speechsr import SpeechSR


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    path = IMPORTED["speechsr48k"].file
    path.parent.mkdir(parents=True)
    return path


def build() -> SpeechSR:
    return SpeechSR(48_000)


def test_a_loaded_network_is_the_one_that_was_kept(file: Path) -> None:
    torch.manual_seed(0)
    own = build().eval()
    save_file(own.state_dict(), str(file))
    loaded = load_network("speechsr48k", build)
    assert not loaded.training
    assert not any(value.requires_grad or value.is_meta for value in loaded.state_dict(keep_vars=True).values())
    sound = torch.rand(1, 1, 400) - 0.5
    with torch.inference_mode():
        torch.testing.assert_close(loaded(sound), own(sound))


def test_what_is_missing_cut_off_or_another_networks_is_told(file: Path) -> None:
    with pytest.raises(WeightsError, match=r"'speechsr48k'.*not on this machine.*codub weights import"):
        load_network("speechsr48k", build)
    save_file(build().state_dict(), str(file))
    whole = file.read_bytes()
    file.write_bytes(whole[:-8])
    with pytest.raises(WeightsError, match=r"'speechsr48k' cannot be read.*codub weights verify"):
        load_network("speechsr48k", build)
    save_file({"dec.conv_pre.bias": torch.ones(3)}, str(file))
    with pytest.raises(WeightsError, match=r"'speechsr48k' cannot be read"):
        load_network("speechsr48k", build)
