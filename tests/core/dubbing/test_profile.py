"""A profile names its models and its space, and nothing starts without its weights."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from made_dubs import write_weights

from codub import config, weights
from codub.dubbing.needs import require_weights
from codub.dubbing.profile import Models, Profile, load_profile
from codub.errors import UsageError, WeightsError
from codub.latent import EMBEDDED, HIERSPEECHPP
from codub.speech.adapter import SpeechAdapter
from codub.speech.encoder_file import LIGHT_FILE, save_light
from codub.speech.inventory import INVENTORY
from codub.speech.light_ear import LightEar


@pytest.mark.parametrize(
    ("name", "space"), [("embedded", EMBEDDED), ("embedded-light", EMBEDDED), ("hierspeechpp", HIERSPEECHPP)]
)
def test_profiles_name_their_space_and_known_weights(name: str, space: Any) -> None:
    profile = load_profile(name)
    assert (profile.name, profile.latent_space) == (name, space)
    assert set(profile.needs) <= set(weights.ASSETS)


def test_an_unknown_profile_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'other'.*There are: .*embedded"):
        load_profile("other")


def test_an_unknown_space_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = replace(load_profile("embedded"), space="odd")
    monkeypatch.setattr(config, "load", lambda kind, name: odd)
    with pytest.raises(UsageError, match="unknown latent space 'odd'"):
        load_profile("embedded")


def test_missing_weights_are_all_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    profile = load_profile("embedded")
    write_weights(tmp_path, ["face-mesh", "whisper-base"])
    with pytest.raises(WeightsError, match=r"lacks the weights kokoro-82m, resemblyzer.*codub weights fetch"):
        require_weights(profile)
    write_weights(tmp_path, profile.needs)
    require_weights(profile)


@pytest.fixture
def face(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[Path]]:
    def of(space: Any) -> list[Path]:
        loaded: list[Path] = []

        def load(path: Path, device: str) -> Any:
            loaded.append(path)
            return SimpleNamespace(space=space)

        monkeypatch.setattr("codub.face.loading.load_face_generator", load)
        return loaded

    return of


def test_a_model_is_loaded_when_asked_for_and_once(face: Callable[[Any], list[Path]]) -> None:
    loaded = face(EMBEDDED)
    models = Models(load_profile("embedded"), device="cpu", threads=1)
    assert loaded == []
    assert models.face is models.face
    assert [path.name for path in loaded] == ["face-embedded.safetensors"]


def test_a_face_of_another_space_is_refused(face: Callable[[Any], list[Path]]) -> None:
    face(HIERSPEECHPP)
    with pytest.raises(WeightsError, match=r"'face-embedded.safetensors' are of the space 'hierspeechpp'"):
        _ = Models(load_profile("embedded"), device="cpu", threads=1).face


def test_only_a_gpu_speaks_lines_together_and_the_papers_voice_none() -> None:
    at_once = {
        (name, device): Models(load_profile(name), device=device, threads=1).lines_at_once
        for name in ("embedded", "hierspeechpp")
        for device in ("cpu", "cuda")
    }
    assert at_once[("embedded", "cuda")] > 1
    assert {at_once[key] for key in at_once if key != ("embedded", "cuda")} == {1}


def test_a_voice_that_cannot_run_is_told() -> None:
    profile = Profile("x", "embedded", "other", "whisper", "face-embedded.safetensors")
    with pytest.raises(UsageError, match="'other' cannot run"):
        _ = Models(profile, device="cpu", threads=1).voice


def test_the_light_profile_hears_without_whisper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    adapter = SpeechAdapter(phonemes=len(INVENTORY), heard=32, width=16)
    save_light(LightEar(width=32, layers=1, bands=8), adapter, tmp_path / LIGHT_FILE)
    monkeypatch.setattr(weights, "shipped", lambda name: tmp_path / name)
    models = Models(load_profile("embedded-light"), device="cpu", threads=1)
    assert "whisper-base" not in models.profile.needs
    sound = np.zeros(8000, dtype=np.float32)
    assert models.speech_encoder.encode(sound).features.shape == (512, 20)
    assert models.understood(sound, "en") == ""


def test_nothing_is_understood_while_whisper_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    models = Models(load_profile("embedded"), device="cpu", threads=1)
    assert models.understood(np.zeros(8000, dtype=np.float32), "en") == ""


def test_each_profile_reads_a_line_in_its_own_notation_and_languages() -> None:
    embedded, paper = load_profile("embedded"), load_profile("hierspeechpp")
    one, other = embedded.phonemize("Not before four.", "en"), paper.phonemize("Not before four.", "en")
    assert one.text == other.text == "Not before four."
    assert one.symbols != other.symbols
    for language in ("en", "en-GB", "en_US"):
        paper.require_language(language)
    embedded.require_language("es")
    with pytest.raises(UsageError, match=r"'hierspeechpp' does not speak 'es'.*--audio"):
        paper.require_language("es")
