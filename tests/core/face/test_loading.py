"""Weights come back as they were written, and refuse what is not theirs."""

from pathlib import Path

import numpy as np
import pytest
import torch

from codub.errors import LatentSpaceError, WeightsError
from codub.face.generator import Generator, GeneratorConfig
from codub.face.loading import load_face_generator, save_face
from codub.latent import EMBEDDED, HIERSPEECHPP

TINY = GeneratorConfig(window=3, size=32, widths=(8, 16, 16), code=16)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    network = Generator(TINY)
    network.mean.fill_(0.25)
    path = tmp_path_factory.mktemp("face") / "face.safetensors"
    save_face(path, network, {"data": "made"})
    return path


def pictures(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def test_generates_for_any_number_of_frames(weights: Path) -> None:
    generator = load_face_generator(weights)
    assert (generator.space, generator.size, generator.references, generator.window) == (EMBEDDED, 32, 3, 3)
    windows = np.random.default_rng(1).standard_normal((30, 512, 3)).astype(np.float32)
    whole = generator.generate(windows, pictures(30), pictures(3, 1))
    assert len(whole) == 30
    assert whole.flow.dtype == np.float32
    # Frames are handled in parts; the parts do not show.
    last = generator.generate(windows[29:], pictures(30)[29:], pictures(3, 1))
    np.testing.assert_allclose(whole.frame(29).flow, last.flow, atol=1e-5)


def test_statistics_and_metadata_come_back(weights: Path) -> None:
    generator = load_face_generator(weights)
    assert float(generator.network.mean[0]) == 0.25
    assert generator.metadata["data"] == "made"


def test_refuses_windows_of_another_space(weights: Path) -> None:
    generator = load_face_generator(weights)
    with pytest.raises(LatentSpaceError, match="embedded"):
        generator.generate(np.zeros((1, 1024, 3), np.float32), pictures(1), pictures(3))


def test_refuses_to_be_the_face_of_another_space(weights: Path) -> None:
    with pytest.raises(LatentSpaceError, match="hierspeechpp"):
        load_face_generator(weights, space=HIERSPEECHPP)


def test_missing_and_damaged_weights(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="missing"):
        load_face_generator(tmp_path / "none.safetensors")
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(WeightsError, match="damaged"):
        load_face_generator(damaged)
