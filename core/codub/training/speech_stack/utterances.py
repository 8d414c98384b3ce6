"""Lines of speech with their text and speaker, found in a folder laid out like one of the public corpora."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from codub.errors import UsageError

SOUNDS = {".wav", ".flac", ".ogg", ".mp3", ".m4a", ".opus"}
TEXTS = (".normalized.txt", ".txt", ".lab")  # LibriTTS has two texts a line; numbers are written out in the first
MICROPHONE, SPARE = "_mic1", "_mic2"  # VCTK's second microphone failed for some people
COLUMNS = ("speaker", "file", "text")


@dataclass(frozen=True)
class Utterance:
    """One recorded line; `name` is unique in its corpus and is fit for a file name."""

    name: str
    speaker: str
    text: str
    sound: Path


def read_utterances(source: Path, *, transcribed: bool = True) -> list[Utterance]:
    """Every line below a folder, or in a table, sorted by name; those without a text too unless `transcribed`.

    A table is a `.tsv` with the columns speaker, file, text; a folder may hold one as `manifest.tsv`. Otherwise texts
    stand in LibriSpeech's `*.trans.txt`, or beside each sound under its own name (LibriTTS), or in a folder `txt` that
    mirrors that of the sounds (VCTK).

    Raises:
        UsageError: nothing of that kind is there, or a table lacks a column.
    """
    table = source / "manifest.tsv" if source.is_dir() else source
    if table.is_file():
        found = list(_listed(table))
    elif source.is_dir():
        found = [*_beside(source, transcribed=transcribed), *_transcribed(source)]
    else:
        raise UsageError(f"There is no speech in '{source}'.", cause="It is neither a folder nor a table.")
    if not found:
        raise UsageError(
            f"There is no {'transcribed ' if transcribed else ''}speech in '{source}'.",
            fix="Give a folder like LibriSpeech's, LibriTTS's or VCTK's, or a .tsv with speaker, file and text.",
        )
    return sorted({utterance.name: utterance for utterance in found}.values(), key=lambda one: one.name)


def split(utterances: Sequence[Utterance], share: float) -> tuple[list[Utterance], list[Utterance]]:
    """Training lines, and held-out ones of speakers that are not trained on: at most `share`, at least one speaker.

    The choice depends on the speakers' names alone. Of a single speaker's lines, some are held out.
    """
    lines = Counter(utterance.speaker for utterance in utterances)
    if len(lines) < 2:
        ranked = sorted(utterances, key=lambda one: _mark(one.name))
        held = {one.name for one in ranked[: max(1, int(share * len(ranked)))]} if len(ranked) > 1 else set()
        return [one for one in utterances if one.name not in held], [one for one in utterances if one.name in held]
    room, kept_back = share * len(utterances), set()
    for speaker in sorted(lines, key=_mark):
        if lines[speaker] <= room:
            kept_back.add(speaker)
            room -= lines[speaker]
    if not kept_back:
        kept_back = {min(lines, key=lambda speaker: (lines[speaker], _mark(speaker)))}
    training = [one for one in utterances if one.speaker not in kept_back]
    return training, [one for one in utterances if one.speaker in kept_back]


def _listed(table: Path) -> Iterator[Utterance]:
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise UsageError(
                f"The table '{table}' has no column '{missing[0]}'.", fix=f"It needs: {', '.join(COLUMNS)}."
            )
        for row in rows:
            path = Path(row["file"])
            yield Utterance(_joined(path), row["speaker"], row["text"] or "", table.parent / path)


def _transcribed(root: Path) -> Iterator[Utterance]:
    for transcript in sorted(root.rglob("*.trans.txt")):
        sounds = {path.stem: path for path in transcript.parent.iterdir() if path.suffix.lower() in SOUNDS}
        for line in transcript.read_text(encoding="utf-8").splitlines():
            name, _, text = line.partition(" ")
            if name in sounds:
                yield Utterance(name, _speaker(sounds[name], root), text.strip(), sounds[name])


def _beside(root: Path, *, transcribed: bool) -> Iterator[Utterance]:
    everything = sorted(root.rglob("*.*"))
    texts: dict[str, list[Path]] = {}
    for path in everything:
        if path.name.endswith(TEXTS):
            texts.setdefault(path.name, []).append(path)
    sounds = [path for path in everything if path.suffix.lower() in SOUNDS and not path.stem.endswith(SPARE)]
    stems = Counter(path.stem for path in sounds)
    for sound in sounds:
        text = _text_of(sound, texts)
        if text is not None or not transcribed:
            stem = sound.stem if stems[sound.stem] == 1 else _joined(sound.relative_to(root))
            spoken = text.read_text(encoding="utf-8").strip() if text is not None else ""
            yield Utterance(stem.removesuffix(MICROPHONE), _speaker(sound, root), spoken, sound)


def _text_of(sound: Path, texts: Mapping[str, Sequence[Path]]) -> Path | None:
    """The text beside a sound, or the only one of its name anywhere."""
    for ending in TEXTS:
        named = texts.get(sound.stem.removesuffix(MICROPHONE) + ending, [])
        beside = [path for path in named if path.parent == sound.parent] or (named if len(named) == 1 else [])
        if beside:
            return beside[0]
    return None


def _joined(path: Path) -> str:
    """A name for a file from its whole path: "anna/day1/001.wav" is "anna_day1_001"."""
    return "_".join(path.with_suffix("").relative_to(path.anchor).parts)


def _speaker(sound: Path, root: Path) -> str:
    """The folder whose name the file's begins with (LibriSpeech, LibriTTS, VCTK), else the one it lies in."""
    folders = [folder.name for folder in sound.parents if folder != root and root in folder.parents]
    owners = [name for name in folders if sound.stem.startswith((f"{name}_", f"{name}-"))]
    return (owners or folders or [root.name])[0]


def _mark(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
