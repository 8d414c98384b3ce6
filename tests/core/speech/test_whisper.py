"""The CTranslate2 reader against files written here, the names against transformers' own model."""

import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from codub.errors import WeightsError
from codub.speech import whisper


def container(variables: dict[str, np.ndarray]) -> bytes:
    """A CTranslate2 file, written after its public layout."""

    def text(value: str) -> bytes:
        raw = value.encode() + b"\0"
        return struct.pack("<H", len(raw)) + raw

    numbers = {np.dtype(np.float32): 0, np.dtype(np.int8): 1, np.dtype(np.int32): 3, np.dtype(np.float16): 4}
    out = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(variables))
    for name, value in variables.items():
        out += text(name) + struct.pack("<B", value.ndim) + b"".join(struct.pack("<I", n) for n in value.shape)
        out += struct.pack("<BI", numbers[value.dtype], value.nbytes) + value.tobytes()
    return out + struct.pack("<I", 1) + text("decoder/projection/weight") + text("decoder/embeddings/weight")


def test_a_container_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    written = {
        "encoder/conv1/weight": np.arange(24, dtype=np.float16).reshape(2, 4, 3),
        "decoder/num_heads": np.array(8, dtype=np.int32),
        "encoder/layer_norm/gamma": np.array([1.5, -2.0], dtype=np.float32),
    }
    path = tmp_path / "model.bin"
    path.write_bytes(container(written))
    read = whisper.read_variables(path)
    assert set(read) == set(written)
    for name, value in written.items():
        np.testing.assert_array_equal(read[name], value)
        assert read[name].dtype == value.dtype


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(container({"encoder/conv1/bias": np.ones(8, dtype=np.float16)})[:60])
    with pytest.raises(WeightsError, match="not a CTranslate2 model"):
        whisper.read_variables(path)


def test_joined_matrices_are_parted_in_order() -> None:
    joined = np.repeat(np.arange(3, dtype=np.float32), 2)[:, None] * np.ones((1, 2), dtype=np.float32)
    state = whisper.renamed(
        {
            "decoder/layer_4/self_attention/linear_0/weight": joined,
            "decoder/layer_4/self_attention/linear_0/bias": joined[:, 0],
            "decoder/layer_4/attention/linear_1/weight": joined[:4],
            "decoder/layer_4/ffn/linear_1/bias": joined[:, 0],
            "encoder/layer_norm/gamma": np.ones(2, dtype=np.float32),
            "decoder/alignment_heads": np.zeros((2, 2), dtype=np.float32),
        }
    )
    layer = "model.decoder.layers.4"
    assert set(state) == {
        *(f"{layer}.self_attn.{part}_proj.weight" for part in "qkv"),
        *(f"{layer}.self_attn.{part}_proj.bias" for part in "qv"),
        *(f"{layer}.encoder_attn.{part}_proj.weight" for part in "kv"),
        f"{layer}.fc2.bias",
        "model.encoder.layer_norm.weight",
    }
    for number, part in enumerate("qkv"):
        assert (state[f"{layer}.self_attn.{part}_proj.weight"] == number).all()


def test_the_log_mel_is_the_feature_extractors_own() -> None:
    from transformers import WhisperFeatureExtractor

    samples = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) * 0.1
    padded = np.pad(samples, (0, 30 * 16_000 - len(samples)))
    expected = WhisperFeatureExtractor(feature_size=80)(samples, sampling_rate=16_000, return_tensors="np")
    ours = whisper.log_mel(torch.from_numpy(padded)).numpy()
    np.testing.assert_allclose(ours, expected.input_features[0], atol=1e-4)


def test_silence_has_a_log_mel() -> None:
    assert torch.isfinite(whisper.log_mel(torch.zeros(1600))).all()


@pytest.mark.weights
@pytest.mark.usefixtures("weights_home")
def test_every_parameter_of_transformers_whisper_has_its_weights() -> None:
    model = whisper.load_whisper()
    assert not [name for name, parameter in model.named_parameters() if parameter.is_meta]
    assert torch.equal(model.proj_out.weight, model.model.decoder.embed_tokens.weight)
