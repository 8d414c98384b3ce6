"""What the modules ask for is what was published, and the published SpeechSR is told by its hash."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from golden_fill import GOLDEN, needs_golden, published_keys

from codub.errors import WeightsError
from codub.speech.checkpoint_file import CheckpointFile
from codub.speech.hierspeechpp import published_wav2vec2
from codub.speech.hierspeechpp.checkpoints import hearing_layout, identify, layouts


@needs_golden
@pytest.mark.parametrize(
    ("name", "golden", "parameters"),
    [
        ("ttv", "ttv", 108_542_704),
        ("synthesizer", "synth", 97_022_304),
        ("speechsr24k", "speechsr24k", 131_904),
        ("speechsr48k", "speechsr48k", 131_904),
    ],
)
def test_layouts_are_the_published_ones_key_by_key(name: str, golden: str, parameters: int) -> None:
    layout = layouts()[name]
    assert layout.shapes == published_keys(golden)
    assert layout.parameters == parameters
    entries = json.loads((GOLDEN / f"keys_{golden}.json").read_text())["entries"]
    assert set(layout.filters) == {entry["key"] for entry in entries if entry["kind"] == "buffer"}


@needs_golden
def test_what_is_kept_of_wav2vec2_and_what_is_not_make_the_published_file() -> None:
    published: Mapping[str, tuple[int, ...]] = {
        key.removeprefix("wav2vec2."): shape
        for key, shape in published_keys("wav2vec2_mms300m_shape").items()
        if key.startswith("wav2vec2.")
    }
    kept = hearing_layout().shapes
    whole = published_wav2vec2.shapes_of_all_layers(kept, 24) | published_wav2vec2.beside(1024)
    assert whole == published
    assert published_wav2vec2.layers_of(kept) == 7
    assert hearing_layout().parameters == 101_299_840


@pytest.mark.parametrize("rate", [24, 48])
def test_an_error_speaks_of_the_up_sampler_that_the_file_is_named_after(rate: int) -> None:
    tensors = {key: torch.ones(shape) for key, shape in layouts()["speechsr48k"].shapes.items()}
    del tensors["dec.conv_post.weight"]
    with pytest.raises(WeightsError, match=f"looks like SpeechSR of HierSpeech\\+\\+, to {rate} kHz, but lacks 1"):
        identify(CheckpointFile(Path(f"speechsr{rate}k.pth"), tensors, "flat"))
