from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from codub.errors import CodubError
from codub.latent import EMBEDDED
from codub.speech.model import Style
from codub.speech.style_file import load_style, save_style

STYLE = Style(EMBEDDED, np.linspace(-1, 1, 256, dtype=np.float32), 0.93, "Nähe von „Anna“", 0.71)


def test_a_style_comes_back_as_it_went(tmp_path: Path) -> None:
    save_style(tmp_path / "voices" / "anna.safetensors", STYLE)
    back = load_style(tmp_path / "voices" / "anna.safetensors")
    assert np.array_equal(back.vector, STYLE.vector)
    assert (back.space, back.f0_factor, back.origin, back.similarity) == (EMBEDDED, 0.93, STYLE.origin, 0.71)


def test_a_range_of_f0_comes_back_too(tmp_path: Path) -> None:
    save_style(tmp_path / "a.safetensors", replace(STYLE, f0_range=1.17))
    assert load_style(tmp_path / "a.safetensors").f0_range == 1.17


def test_an_unmeasured_likeness_stays_unmeasured(tmp_path: Path) -> None:
    save_style(tmp_path / "a.safetensors", Style(EMBEDDED, STYLE.vector))
    assert load_style(tmp_path / "a.safetensors").similarity is None
    assert load_style(tmp_path / "a.safetensors").gains is None


def test_gains_come_back_too(tmp_path: Path) -> None:
    gains, of_sounds = np.linspace(-8, 8, 40, dtype=np.float32), np.eye(40, dtype=np.float32)
    save_style(tmp_path / "a.safetensors", replace(STYLE, gains=gains, sound_gains=of_sounds))
    back = load_style(tmp_path / "a.safetensors")
    assert back.gains is not None
    assert back.sound_gains is not None
    assert np.array_equal(back.gains, gains)
    assert np.array_equal(back.sound_gains, of_sounds)


@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_what_is_no_style_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.safetensors"
    if damage == "cut":
        save_style(path, STYLE)
        path.write_bytes(path.read_bytes()[:300])
    if damage == "other":
        save_file({"vector": STYLE.vector}, str(path))
    with pytest.raises(CodubError, match="cannot be read"):
        load_style(path)
