"""A home of its own, and models so small that a checkpoint of theirs is written in no time."""

from pathlib import Path

import pytest
import torch
from made_checkpoints import FILTER, SHAPES, Save

from codub import weights
from codub.speech.checkpoint_layout import Layout
from codub.speech.hierspeechpp import checkpoints


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path / "home"))
    small = {
        name: Layout(f"the {name}", shapes, {key: FILTER for key in shapes if key.endswith("filter")})
        for name, shapes in SHAPES.items()
    }
    hearing = small.pop("mms-300m")
    monkeypatch.setattr(checkpoints, "layouts", lambda: small)
    monkeypatch.setattr(checkpoints, "hearing_layout", lambda: hearing)
    return tmp_path / "home"


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes what is held to a file of that name, as its authors would."""

    def write(name: str, held: object) -> Path:
        path = tmp_path / "downloads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(held, path)
        return path

    return write
