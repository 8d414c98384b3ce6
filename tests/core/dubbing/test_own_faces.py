"""Which face a speaker has: the profile's, or one that was fitted and still holds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from made_dubs import QuickModels

from codub import weights
from codub.dubbing.adapted import Adapted, DriveFigures, keep_adapted, speaker_folder
from codub.dubbing.own_faces import AdaptedFaces, adapted_text
from codub.face.generator import Generator, GeneratorConfig
from codub.face.loading import save_face

SMALL = GeneratorConfig(widths=(8, 16, 16), size=32, code=16)
Keep = Callable[..., Adapted]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Keeps a small face as Ana's own."""

    def run(**changes: object) -> Adapted:
        torch.manual_seed(2)
        path = tmp_path / "made.safetensors"
        save_face(path, Generator(SMALL), {})
        base = weights.sha256_of(QuickModels().profile.face_file)
        figures = (DriveFigures("sound", 29.0, 30.25, 0.9, 0.8, 1.0, 1.0),)
        adapted = Adapted("Ana", "embedded", base, weights.sha256_of(path), 45, 60.0, (), figures)
        adapted = replace(adapted, **changes)  # type: ignore[arg-type]
        keep_adapted(tmp_path, adapted, path if adapted.better else None)
        return adapted

    return run


def test_a_fitted_face_is_used_for_its_speaker_only(tmp_path: Path, keep: Keep) -> None:
    adapted, models = keep(), QuickModels()
    faces = AdaptedFaces(tmp_path, models)  # type: ignore[arg-type]
    own = faces.face("Ana")
    assert own is not None
    assert own.size == 32
    assert faces.face("Ana") is own
    assert AdaptedFaces(tmp_path, models).face("Ana") is own  # type: ignore[arg-type]  # the next dub loads nothing
    assert list(faces.used("Ana").values()) == [adapted.weights]
    assert (faces.face("Ben"), faces.used("Ben"), faces.notes) == (None, {}, [])
    assert adapted_text(tmp_path, "Ana", models.profile) == "adapted (+1.2 dB on lines held out)"
    assert adapted_text(tmp_path, "Ben", models.profile) == ""


def test_a_face_that_was_no_better_is_not_used_and_nothing_is_said_of_it(tmp_path: Path, keep: Keep) -> None:
    keep(weights="")
    faces = AdaptedFaces(tmp_path, QuickModels())  # type: ignore[arg-type]
    assert (faces.face("Ana"), faces.used("Ana"), faces.notes) == (None, {}, [])
    assert adapted_text(tmp_path, "Ana", QuickModels().profile) == "not adapted: after 45 steps no better"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"base": "0" * 64}, "has been replaced since"),
        ({"space": "hierspeechpp"}, "latent space 'hierspeechpp'"),
        ({}, "missing or damaged"),
    ],
)
def test_an_outdated_face_is_told_and_not_used(
    tmp_path: Path, keep: Keep, changes: dict[str, object], why: str
) -> None:
    adapted = keep(**changes)
    if not changes:
        (speaker_folder(tmp_path, "Ana") / adapted.file).write_bytes(b"another")
    faces = AdaptedFaces(tmp_path, QuickModels())  # type: ignore[arg-type]
    assert faces.face("Ana") is None
    assert faces.used("Ana") == {}
    (note,) = faces.notes  # once, however often it is asked for
    assert why in note
    assert "codub adapt ... --speaker 'Ana'" in note
    assert adapted_text(tmp_path, "Ana", QuickModels().profile).startswith("adaptation outdated: ")


def test_a_damaged_manifest_costs_no_dub(tmp_path: Path, keep: Keep) -> None:
    keep()
    (speaker_folder(tmp_path, "Ana") / "manifest.json").write_text("{")
    faces = AdaptedFaces(tmp_path, QuickModels())  # type: ignore[arg-type]
    assert faces.face("Ana") is None
    assert faces.notes[0].endswith("The profile's own face is used.")
    assert adapted_text(tmp_path, "Ana", QuickModels().profile).startswith("not adapted: What is known")
