"""`codub doctor` tells what is missing with the command that mends it."""

import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import pytest
from made_dubs import write_weights

from codub import imported, in_use, weights
from codub.cli import doctor as module
from codub.cli.main import main
from codub.errors import WeightsError

NEEDED = ("kokoro-82m", "whisper-base", "face-mesh", "resemblyzer")
Doctor = Callable[[], tuple[int, dict[str, str]]]


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Runs the doctor in a home without weights; exit code, and each line by the name it is about."""
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(module, "_machine", lambda: [])  # loads torch
    monkeypatch.setattr(module, "_landmarks", lambda: [])
    monkeypatch.setattr(weights, "shipped", lambda name: Path(__file__))

    def run() -> tuple[int, dict[str, str]]:
        with pytest.raises(SystemExit) as stop:
            main(["doctor"])
        lines = capsys.readouterr().out.splitlines()
        return int(str(stop.value.code)), {line[4:].split()[0]: line for line in lines}

    return run


def test_missing_weights_are_told_with_the_command(doctor: Doctor) -> None:
    code, lines = doctor()
    assert code == 1
    for name in NEEDED:
        assert lines[name].startswith("!!")
        assert lines[name].endswith(f"codub weights fetch {name}")
    assert lines["distillmos"].startswith("ok")  # needed by no dub
    assert "codub weights fetch distillmos" in lines["distillmos"]


def test_with_all_weights_the_main_job_can_run(doctor: Doctor, tmp_path: Path) -> None:
    write_weights(tmp_path, NEEDED)
    code, lines = doctor()
    assert code == 0
    assert all(line.startswith(("ok", "The main job can run: codub dub")) for line in lines.values())
    assert "here and whole" in lines["kokoro-82m"]


def test_altered_weights_are_told(doctor: Doctor, tmp_path: Path) -> None:
    write_weights(tmp_path, NEEDED)
    folder = tmp_path / "weights" / "resemblyzer"
    (folder / "pretrained.pt.sha256").write_text("0" * 64)
    code, lines = doctor()
    assert code == 1
    assert "'resemblyzer/pretrained.pt' was altered or cut off: codub weights fetch" in lines["resemblyzer"]


def test_a_missing_library_is_told_with_its_command(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_weights(tmp_path, NEEDED)
    there = importlib.metadata.version

    def version(name: str) -> str:
        if name in ("pysrt", "otio-fcp-adapter"):
            raise importlib.metadata.PackageNotFoundError(name)
        return there(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    code, lines = doctor()
    assert code == 1
    assert lines["pysrt"].startswith("!!")
    assert lines["pysrt"].endswith("python -m pip install pysrt")
    assert lines["otio-fcp-adapter"].startswith("ok")  # an extra: some formats need it, no dub does
    assert "codub[nle]" in lines["otio-fcp-adapter"]


def test_a_missing_shipped_file_is_told(doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_weights(tmp_path, NEEDED)

    def shipped(name: str) -> Path:
        raise WeightsError("x", cause="It was removed.", fix="Install codub again.")

    monkeypatch.setattr(weights, "shipped", shipped)
    code, lines = doctor()
    assert code == 1
    assert lines["face-embedded.safetensors"].endswith("It was removed. Install codub again.")


def test_what_only_another_profile_needs_is_told_and_fails_nothing(doctor: Doctor, tmp_path: Path) -> None:
    write_weights(tmp_path, NEEDED)
    asset = imported.IMPORTED["ttv"]
    asset.file.parent.mkdir(parents=True)
    asset.file.write_bytes(b"weights")
    code, lines = doctor()
    assert code == 0
    assert "'ttv' has no record of its origin" in lines["ttv"]
    assert "for the profile hierspeechpp" in lines["synthesizer"]
    assert "codub weights import hierspeechpp_v1.1_ckpt.pth" in lines["synthesizer"]
    assert lines["profile"].startswith("ok  profile hierspeechpp")
    assert "lacks synthesizer, speechsr48k, face-hierspeechpp" in lines["profile"]
    digest = weights.sha256_of(asset.file)
    record = imported.ImportRecord("ttv", "x", "t.pth", "0", digest, 1, None, None, "", "2026", "1", "MIT", "x")
    imported.write_record(asset.record_file, record)
    assert "here and whole, imported from 't.pth'" in doctor()[1]["ttv"]


def test_the_machine_is_named() -> None:
    names = [finding.name for finding in module._machine()]
    assert names == ["codub", "device", "ffmpeg"]


def put_kokoro(content: bytes = b"weights") -> imported.ImportedAsset:
    asset = imported.IMPORTED["kokoro-float32"]
    asset.file.parent.mkdir(parents=True, exist_ok=True)
    asset.file.write_bytes(content)
    digest = weights.sha256_of(asset.file)
    record = imported.ImportRecord(
        asset.name, "x", "kokoro-v1_0.pth", "0", digest, 1, None, None, "", "2026", "1", "Apache-2.0", "x"
    )
    imported.write_record(asset.record_file, record)
    return asset


def test_imported_weights_that_are_in_use_count_and_the_way_back_is_told(doctor: Doctor, tmp_path: Path) -> None:
    write_weights(tmp_path, NEEDED[1:])
    asset = put_kokoro()
    code, lines = doctor()
    assert code == 0
    assert "imported from 'kokoro-v1_0.pth', in use instead of kokoro-82m" in lines["kokoro-float32"]
    assert "not in use, kokoro-float32 is; not here either" in lines["kokoro-82m"]
    write_weights(tmp_path, NEEDED)
    assert "back to these: codub weights use kokoro-82m" in doctor()[1]["kokoro-82m"]
    asset.file.write_bytes(b"altered")
    code, lines = doctor()
    assert code == 1
    assert lines["kokoro-float32"].startswith("!!")
    assert lines["kokoro-float32"].endswith("codub weights import FILE, or go back: codub weights use kokoro-82m")
    in_use.use("kokoro-82m")
    code, lines = doctor()
    assert code == 0  # what is broken is not in use
    assert "was altered" in lines["kokoro-float32"]


def test_an_imported_voice_that_was_altered_is_told(doctor: Doctor, tmp_path: Path) -> None:
    write_weights(tmp_path, NEEDED)
    assert doctor()[1]["voices"] == "ok  voices                   54 shipped, 0 imported"
    own = imported.voice_asset("af_new")
    own.file.parent.mkdir(parents=True)
    own.file.write_bytes(b"voice")
    assert "'voices/af_new' has no record of its origin" in doctor()[1]["voices"]
