"""What training writes is what `codub weights import` takes, key by key."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from codub import imported, weights
from codub.errors import WeightsError
from codub.jobs.importing import import_checkpoints
from codub.speech.checkpoint_layout import Layout
from codub.speech.hierspeechpp import checkpoints
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.network import TextToVecNetwork, TtvSize
from codub.speech.hierspeechpp.snake import low_pass
from codub.speech.hierspeechpp.synthesizer_size import SynthesizerSize
from codub.training.speech_stack.checkpoint import load_network_from, save_network
from codub.training.speech_stack.synthesizer_task import SynthesizerTraining
from codub.training.speech_stack.ttv_task import TtvTraining

TTV = TtvSize(16, 12, 16, 16, 1, 1, 1, 16)
SYNTHESIZER = SynthesizerSize(features=12, latent=8, style=8, width=32, narrow=2, prior_layers=1, posterior_layers=1)


@pytest.mark.parametrize("name", ["ttv", "synthesizer"])
def test_trained_weights_are_imported(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path / "home"))
    networks = {"ttv": TextToVecNetwork(TTV), "synthesizer": HierarchicalSynthesizer(SYNTHESIZER)}
    settings = {"ttv": TtvTraining(network=TTV), "synthesizer": SynthesizerTraining(network=SYNTHESIZER)}
    monkeypatch.setattr(checkpoints, "layouts", lambda: {each: layout(each, net) for each, net in networks.items()})
    path = tmp_path / f"{name}.safetensors"
    save_network(path, networks[name], settings[name], 5000)
    (record,) = import_checkpoints([path])
    assert (record.name, record.step) == (name, 5000)
    kept = load_file(imported.find(name))
    assert all(torch.equal(kept[key], value) for key, value in networks[name].state_dict().items())
    assert kept.keys() == networks[name].state_dict().keys()


def test_training_begins_with_given_weights_of_its_own_size(tmp_path: Path) -> None:
    given, other = TextToVecNetwork(TTV), TextToVecNetwork(TTV)
    save_network(tmp_path / "ttv.safetensors", given, TtvTraining(network=TTV), 7)
    load_network_from(tmp_path / "ttv.safetensors", other)
    assert all(torch.equal(value, given.state_dict()[key]) for key, value in other.state_dict().items())
    with pytest.raises(WeightsError, match="another network or size"):
        load_network_from(tmp_path / "ttv.safetensors", TextToVecNetwork(replace(TTV, channels=8)))


def layout(name: str, network: torch.nn.Module) -> Layout:
    """The published layout's rule, for a small network."""
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    return Layout(name, shapes, {key: low_pass() for key in shapes if key.endswith(".filter")})
