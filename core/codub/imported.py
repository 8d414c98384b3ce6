"""Weights that a person gets by hand and imports from a file: what they are, where they lie, where they came from.

An imported file is safetensors in the weights' home with a record (JSON) beside it. Loading reads the file as it is;
whether it is still the one that was imported is for `verify` to say, which reads it whole.
"""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from codub import weights
from codub.config import build
from codub.errors import CodubError, WeightsError

_HIERSPEECHPP = "https://github.com/sh-lee-prml/HierSpeechpp (its README, section Checkpoint)"
VOICES = "voices"  # folder of named voices
TRAINING = "training"  # in place of a profile: no profile runs on it
YOURS = "yours, as far as its training data allow"
_KOKORO = "https://huggingface.co/hexgrad/Kokoro-82M"
_APACHE = "Apache-2.0 (Kokoro-82M, hexgrad)"
_MIT = "MIT (HierSpeech++, Copyright 2024 Sang-Hoon Lee)"


@dataclass(frozen=True)
class ImportedAsset:
    """Weights that no program can fetch. `published` are names under which the file goes round; `origin` says where.

    `instead_of`: the fetched asset (`weights.ASSETS`) whose place they take; "" for none.
    """

    name: str
    profile: str
    purpose: str
    licence: str
    origin: str
    published: tuple[str, ...]
    instead_of: str = ""

    @property
    def file(self) -> Path:
        """Where the imported file lies, whether it is there or not."""
        return weights.home() / "weights" / self.profile / f"{self.name}.safetensors"

    @property
    def record_file(self) -> Path:
        """The record beside it."""
        return self.file.with_suffix(".json")

    @property
    def advice(self) -> str:
        """How a person gets it and hands it over."""
        return f"get {self.published[0]} from {self.origin}, then: codub weights import {self.published[0]}"


@dataclass(frozen=True)
class ImportRecord:
    """Where an imported file came from. Hashes are hexadecimal sha256, `imported` is ISO 8601 in UTC.

    `step` and `epoch` are those that the source stated; `kept` says what of the source is not in the file.
    """

    name: str
    recognised: str
    source: str
    source_sha256: str
    sha256: str
    parameters: int
    step: int | None
    epoch: int | None
    kept: str
    imported: str
    codub: str
    licence: str
    origin: str


IMPORTED = {
    asset.name: asset
    for asset in (
        ImportedAsset(
            "ttv",
            "hierspeechpp",
            "Text-to-Vec: phonemes to wav2vec 2.0 features and F0",
            _MIT,
            _HIERSPEECHPP,
            ("ttv_lt960_ckpt.pth",),
        ),
        ImportedAsset(
            "synthesizer",
            "hierspeechpp",
            "hierarchical synthesizer: features and F0 to 16 kHz sound",
            _MIT,
            _HIERSPEECHPP,
            ("hierspeechpp_v1.1_ckpt.pth", "hierspeechpp_v1_ckpt.pth"),
        ),
        ImportedAsset(
            "speechsr48k",
            "hierspeechpp",
            "SpeechSR: 16 kHz sound to 48 kHz",
            _MIT,
            "https://github.com/sh-lee-prml/HierSpeechpp",
            ("speechsr48k/G_100000.pth",),
        ),
        ImportedAsset(
            "speechsr24k",
            "hierspeechpp",
            "SpeechSR: 16 kHz sound to 24 kHz",
            _MIT,
            "https://github.com/sh-lee-prml/HierSpeechpp",
            ("speechsr24k/G_340000.pth",),
        ),
        ImportedAsset(
            "mms-300m",
            "hierspeechpp",
            "wav2vec 2.0: real sound to features; for recordings and for training",
            "CC BY-NC 4.0: no commercial use (Meta AI, MMS)",
            "https://huggingface.co/facebook/mms-300m",
            ("pytorch_model.bin", "model.safetensors"),
        ),
        ImportedAsset(
            "kokoro-float32",
            "embedded",
            "voice: text to latent, latent to sound, in its author's own 32-bit numbers",
            _APACHE,
            _KOKORO,
            ("kokoro-v1_0.pth",),
            instead_of="kokoro-82m",
        ),
        ImportedAsset(
            "vgg-19",
            TRAINING,
            "eyes of the perceptual loss when a face is trained; without it the sync expert's",
            "BSD 3-Clause (torchvision); trained on ImageNet, whose pictures are for research",
            "https://download.pytorch.org/models/vgg19-dcbf9e36.pth",
            ("vgg19-dcbf9e36.pth",),
        ),
        ImportedAsset(
            "face-hierspeechpp",
            "hierspeechpp",
            "the talking face of this latent space",
            YOURS,
            "your own training: codub train face --profile hierspeechpp",
            ("face.safetensors",),
        ),
    )
}


def voice_asset(name: str) -> ImportedAsset:
    """A named voice of Kokoro-82M, imported from its file or to be."""
    return ImportedAsset(f"{VOICES}/{name}", "embedded", f"the voice {name}", _APACHE, _KOKORO, (f"voices/{name}.pt",))


def voice_assets() -> tuple[ImportedAsset, ...]:
    """The named voices that were imported, in the order of the alphabet."""
    folder = weights.home() / "weights" / "embedded" / VOICES
    return tuple(voice_asset(path.stem) for path in sorted(folder.glob("*.safetensors")))


def all_present() -> tuple[ImportedAsset, ...]:
    """Everything that was imported."""
    return (*(asset for asset in IMPORTED.values() if present(asset)), *voice_assets())


def profiles() -> tuple[str, ...]:
    """The profiles that cannot run without imported weights."""
    needed = (asset for asset in IMPORTED.values() if not asset.instead_of and asset.profile != TRAINING)
    return tuple(dict.fromkeys(asset.profile for asset in needed))


def present(asset: ImportedAsset) -> bool:
    """Whether the file lies where it should (its content is `verify`'s concern)."""
    return asset.file.is_file()


def find(name: str) -> Path:
    """Path of an imported file.

    Raises:
        WeightsError: it was not imported yet.
    """
    asset = IMPORTED[name]
    if not present(asset):
        raise WeightsError(
            f"The weights '{name}' of the profile '{asset.profile}' ({asset.purpose}) are not on this machine.",
            cause=f"'{asset.file}' does not exist; it is published by hand only.",
            fix=f"{asset.advice[0].upper()}{asset.advice[1:]}",
        )
    return asset.file


def require(names: Iterable[str], purpose: str) -> None:
    """Stop unless all of them are here; `purpose` says what they are wanted for.

    Raises:
        WeightsError: names all that are missing and where they come from.
    """
    missing = [IMPORTED[name] for name in names if not present(IMPORTED[name])]
    if missing:
        raise WeightsError(
            f"The weights {', '.join(asset.name for asset in missing)} are not on this machine.",
            cause=f"{purpose} They are published by hand only.",
            fix="; ".join(f"{asset.advice[0].upper()}{asset.advice[1:]}" for asset in missing),
        )


def read_record(asset: ImportedAsset) -> ImportRecord:
    """Where the imported file came from.

    Raises:
        WeightsError: there is no record, or it cannot be read.
    """
    try:
        return build(ImportRecord, json.loads(asset.record_file.read_text(encoding="utf-8")), where="the record")
    except (OSError, ValueError, TypeError, CodubError) as error:
        raise WeightsError(
            f"The record of the imported weights '{asset.name}' cannot be read.",
            cause=str(error),
            fix="Import the file again: codub weights import FILE",
        ) from error


def recorded_sha256(name: str) -> str:
    """sha256 of an imported file as it was when it was imported; computed where its record is lost."""
    find(name)
    return sha256_of(IMPORTED[name])


def sha256_of(asset: ImportedAsset) -> str:
    """As `recorded_sha256`, of any imported file that is here."""
    try:
        return read_record(asset).sha256
    except WeightsError:
        return weights.sha256_of(asset.file)


def write_record(path: Path, record: ImportRecord) -> None:
    """Write a record as JSON to `path`."""
    path.write_text(json.dumps(dataclasses.asdict(record), indent=2) + "\n", encoding="utf-8")


def verify(asset: ImportedAsset) -> list[str]:
    """Sentences on what is wrong with an imported file, read whole; empty when all is well."""
    if not present(asset):
        return [f"'{asset.name}' is missing"]
    try:
        record = read_record(asset)
    except WeightsError as error:
        return [f"'{asset.name}' has no record of its origin ({error.cause})"]
    if weights.sha256_of(asset.file) != record.sha256:
        return [f"'{asset.name}' was altered or cut off since it was imported"]
    return []
