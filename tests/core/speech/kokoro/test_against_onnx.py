"""Our modules against the ONNX graph they were imported from, stage by stage.

The graph quantizes its activations as it goes and ours are float, so a few percent between them are expected; each
stage is given the graph's own inputs.
"""
# ruff: noqa: RUF001 - IPA looks like Latin letters

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from codub.speech.kokoro import vocabulary
from codub.speech.kokoro.decoder import Decoder
from codub.speech.kokoro.importing import module_path
from codub.speech.kokoro.prosody import Prosody
from codub.speech.kokoro.text import TextEncoder, repeat
from codub.speech.kokoro.voice import load_networks
from codub.speech.kokoro.voices import stock_voice

pytestmark = pytest.mark.weights

LINE = "wiː kˈænt stˈeɪ hˈɪɹ, ˌɛni lˈɔŋɡɚ."
VOICE = "am_michael"
STAGES = {
    "durations": "/encoder/Clip_output_0",
    "float durations": "/encoder/predictor/ReduceSum_output_0",
    "encoded": "/encoder/predictor/text_encoder/Concat_4_output_0",
    "features": "/encoder/MatMul_1_output_0",
    "f0": "/encoder/Reshape_output_0",
    "energy": "/encoder/Reshape_1_output_0",
    "source": "/decoder/decoder/generator/m_source/l_tanh/Tanh_output_0",
    "spectrum": "/decoder/decoder/generator/Concat_3_output_0",
    "shape": "/decoder/decoder/decode.3/Div_4_output_0",
    "audio": "audio",
}

Stages = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def graph(weights_home: Path) -> Stages:
    """What the ONNX graph gives for the line, stage by stage."""
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    model = onnx.load(str(weights_home / "weights" / "kokoro-82m" / "kokoro.int8.onnx"))
    for name in STAGES.values():
        if name != "audio":
            model.graph.output.append(onnx.ValueInfoProto(name=name))
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {"tokens": ids().numpy(), "style": stock_voice(VOICE)[None], "speed": np.ones(1, dtype=np.float32)}
    found = session.run(list(STAGES.values()), given)
    return {name: torch.from_numpy(value) for name, value in zip(STAGES, found, strict=True)}


@pytest.fixture(scope="module")
def networks(weights_home: Path) -> tuple[TextEncoder, Prosody, Decoder]:
    return load_networks()


@pytest.fixture(scope="module")
def style() -> torch.Tensor:
    return torch.from_numpy(stock_voice(VOICE).copy())[None]


def ids() -> torch.Tensor:
    return torch.tensor([[vocabulary.PAD, *vocabulary.ids(LINE), vocabulary.PAD]])


def apart(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """Mean absolute difference over the mean absolute value."""
    assert ours.numel() == theirs.numel()
    return float((ours.flatten() - theirs.flatten()).abs().mean() / theirs.abs().mean())


@torch.inference_mode()
def test_durations_are_the_same(graph: Stages, networks: Sequence[Prosody], style: torch.Tensor) -> None:
    prosody = networks[1]
    encoded = prosody(ids(), style[:, 128:])
    assert apart(encoded, graph["encoded"]) < 0.08
    predicted = prosody.predictor.durations(encoded)
    assert apart(predicted, graph["float durations"]) < 0.03
    whole, theirs = predicted.round().clamp(min=1).flatten(), graph["durations"].flatten()
    assert (whole - theirs).abs().max() <= 1
    assert (whole != theirs).float().mean() < 0.1
    # from the graph's own encoding, nothing but the last two layers differ
    last = prosody.predictor.durations(graph["encoded"]).round().clamp(min=1).flatten()
    assert torch.equal(last, theirs)


@torch.inference_mode()
def test_text_features_are_the_same(graph: Stages, networks: Sequence[TextEncoder]) -> None:
    durations = graph["durations"].flatten().long()
    features = repeat(networks[0](ids()), durations)
    assert features.shape == graph["features"].shape == (1, 512, int(durations.sum()))
    assert apart(features, graph["features"]) < 0.01


@torch.inference_mode()
def test_pitch_and_energy_are_the_same(graph: Stages, networks: Sequence[Prosody], style: torch.Tensor) -> None:
    predictor = networks[1].predictor
    timed = predictor.timed(graph["encoded"], graph["durations"].flatten().long())
    f0, energy = predictor.f0(timed, style[:, 128:]), predictor.energy(timed, style[:, 128:])
    assert apart(f0, graph["f0"]) < 0.01
    assert apart(energy, graph["energy"]) < 0.01


@torch.inference_mode()
def test_the_source_is_the_same(graph: Stages, networks: Sequence[Decoder]) -> None:
    generator = networks[2].generator
    f0 = graph["f0"].reshape(1, -1)
    assert apart(generator.m_source(f0), graph["source"]) < 0.01
    spectrum = generator._spectrum(graph["source"].reshape(1, -1))
    assert apart(spectrum[:, :11], graph["spectrum"][:, :11]) < 0.01
    # the graph gives negative real bins the phase -pi where training gave +pi, so phases are compared as angles
    sine, cosine = spectrum[:, 12:21].sin(), spectrum[:, 12:21].cos()
    strong = graph["spectrum"][:, 1:10] > 1e-4
    theirs = graph["spectrum"][:, 12:21]
    assert ((sine - theirs.sin()).abs()[strong]).mean() < 0.01
    assert ((cosine - theirs.cos()).abs()[strong]).mean() < 0.01


@torch.inference_mode()
def test_the_blocks_before_the_generator_are_the_same(
    graph: Stages, networks: Sequence[Decoder], style: torch.Tensor
) -> None:
    f0, energy = graph["f0"].reshape(1, -1), graph["energy"].reshape(1, -1)
    shape = networks[2].shape(graph["features"], f0, energy, style[:, :128])
    assert apart(shape, graph["shape"]) < 0.06


@torch.inference_mode()
def test_the_waveform_is_the_same(graph: Stages, networks: Sequence[Decoder], style: torch.Tensor) -> None:
    generator = networks[2].generator
    ours = generator(graph["shape"], style[:, :128], graph["spectrum"]).flatten()
    theirs = graph["audio"].flatten() / 1.5  # the export leaves out the division by the windows' overlap
    assert len(ours) == 600 * int(graph["durations"].sum())
    assert float(torch.corrcoef(torch.stack((ours, theirs)))[0, 1]) > 0.97
    loud = log_spectrum(theirs) > -6
    assert (log_spectrum(ours) - log_spectrum(theirs))[loud].abs().mean() < 0.3  # nepers: 2.6 dB
    assert 0.9 < float(ours.std() / theirs.std()) < 1.1


def log_spectrum(wave: torch.Tensor) -> torch.Tensor:
    window = torch.hann_window(1024)
    return torch.stft(wave, 1024, 256, window=window, return_complex=True).abs().clamp(min=1e-5).log()


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ("/encoder/text_encoder/cnn.0/cnn.0.0/Conv_quant", "text_encoder.cnn.0.0"),
        ("/decoder/decoder/encode/norm1/fc/Gemm_MatMul_quant", "decoder.encode.norm1.fc"),
        ("/encoder/F0.1/conv1x1/Conv_quant", "predictor.F0.1.conv1x1"),
        ("/encoder/shared/LSTM_quant", "predictor.shared"),
        ("/encoder/predictor/duration_proj/linear_layer/MatMul_quant", "predictor.duration_proj.linear_layer"),
    ],
)
def test_modules_are_named_after_the_nodes(node: str, path: str) -> None:
    assert module_path(node) == path
