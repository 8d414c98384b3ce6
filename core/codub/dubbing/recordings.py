"""Human recordings of the cues: which file belongs to which cue, and whether it can be used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codub import weights
from codub.dubbing.record import Setting
from codub.errors import CueError, UsageError
from codub.speech.condition import condition

HUMAN = "a human recording"  # what a take's record calls its style
SUFFIXES = frozenset(
    (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aac", ".aif", ".aiff", ".mov", ".mp4", ".mkv")
)
SILENT = 1e-4  # peak, -80 dBFS
CLIPPED, RUINED = 0.002, 0.05  # shares of samples at full scale: a warning, a refusal
OVER = 0.1  # seconds after its cue that speech may end without a word
TOO_LONG = 0.5  # of its cue that speech may run over, or a second: more is another line

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Performance:
    """A recording that was heard: 16 kHz mono `samples`, what is to be said of it, for a take's record and its user."""

    file: Path
    samples: NDArray[np.float32]
    notes: tuple[str, ...] = ()


def recordings(place: Path, cues: tuple[int, ...]) -> dict[int, Path]:
    """The file of each cue: the one file for the one cue, or those of a folder, each named by its cue's number.

    The number is the only one in a file's name, or stands behind "cue": `4.wav`, `cue04.wav`, `Ana cue 4 (take 2).wav`.
    `cues` limits a folder to these.

    Raises:
        UsageError: there is no such file, a name tells no number, two tell the same, or a cue has no file.
    """
    if place.is_dir():
        return _of_folder(place, cues)
    if len(cues) != 1:
        raise UsageError("A recording belongs to one cue.", fix="Add --cue N, or name a folder of 1.wav, 2.wav ...")
    if not place.is_file():
        raise UsageError(f"The recording '{place}' does not exist.")
    return {cues[0]: place}


def heard_performance(file: Path, samples: NDArray[np.float32], window: float, *, converted: bool) -> Performance:
    """The recording if it can be used for a cue of `window` seconds; `converted`: only its words and tones will be.

    Raises:
        CueError: it is silent, ruined by clipping, much too long; or has no speech that could be converted.
    """
    if not np.any(np.abs(samples) > SILENT):
        raise CueError(f"The recording '{file}' is silent.", fix="Give the recording of the performance.")
    state = condition(samples)
    if state.clipped > RUINED:
        raise CueError(
            f"The recording '{file}' is ruined by clipping.",
            cause=f"{state.clipped:.0%} of it is at full scale.",
            fix="Record it again at a lower level.",
        )
    notes = [*_faults(file.name, state.clipped, state.musical, state.noisy)]
    if not state.speech:
        if converted:
            raise CueError(
                f"No speech is heard in the recording '{file}'.",
                cause="It holds music or noise, and only speech can be converted into a voice.",
                fix="Give the recording of the performance, or use it as it is: leave --convert out.",
            )
        notes.append(f"No speech is heard in '{file.name}': the mouth may stay shut.")
        end = state.seconds
    else:
        end = state.speech[-1].end
    over = end - window
    if over > max(1.0, TOO_LONG * window):
        raise CueError(
            f"The recording '{file}' is too long for its cue.",
            cause=f"It speaks until {end:.1f} s; the cue lasts {window:.1f} s.",
            fix="Check that it is the recording of this cue, cut it, or give the cue more time.",
        )
    if over > OVER:
        notes.append(f"'{file.name}' runs {over:.1f} s over its cue.")
    return Performance(file, samples, tuple(notes))


def recording_settings(file: Path, performer: str, *, converted: bool) -> dict[str, Setting]:
    """What a take's record says of the recording it was made from: the file, its content, whose voice, what became."""
    return {
        "recording": file.name,
        "recording.sha256": weights.sha256_of(file),
        "recording.performer": performer,
        "recording.converted": converted,
    }


def performer_of(place: Path, named: str) -> str:
    """Whose voice is in the recordings: as named, else called after them."""
    return named or f"the performer of {place.name}"


def _of_folder(folder: Path, cues: tuple[int, ...]) -> dict[int, Path]:
    found: dict[int, Path] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in SUFFIXES or file.name.startswith("."):
            continue
        number = _cue_of(file)
        if number in found:
            raise UsageError(
                f"'{found[number].name}' and '{file.name}' are both of cue {number}.",
                fix="Leave one of them in the folder.",
            )
        found[number] = file
    if not found:
        raise UsageError(f"There is no recording in '{folder}'.", fix="Name the files by cue: 1.wav, 2.wav ...")
    if lacking := [cue for cue in cues if cue not in found]:
        raise UsageError(f"There is no recording of cue {lacking[0]} in '{folder}'.", fix=f"Add {lacking[0]}.wav.")
    return _limited(found, cues)


def _limited(found: Mapping[int, Path], cues: tuple[int, ...]) -> dict[int, Path]:
    return {cue: found[cue] for cue in sorted(found) if not cues or cue in cues}


def _cue_of(file: Path) -> int:
    said = re.search(r"cue[ _-]*(\d+)", file.stem, re.IGNORECASE)
    numbers = [said[1]] if said else _NUMBER.findall(file.stem)
    if len(numbers) != 1:
        raise UsageError(
            f"It is not clear which cue '{file.name}' is of.",
            cause="Its name holds no number." if not numbers else "Its name holds several numbers.",
            fix="Name it by its cue: 4.wav, or cue4.wav.",
        )
    return int(numbers[0])


def _faults(name: str, clipped: float, musical: bool, noisy: bool) -> list[str]:
    said = []
    if clipped > CLIPPED:
        said.append(f"'{name}' is clipped: {clipped:.1%} of it is at full scale.")
    if musical:
        said.append(f"Music is heard in '{name}'.")
    elif noisy:
        said.append(f"What is said in '{name}' hardly stands above its noise.")
    return said
