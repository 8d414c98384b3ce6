"""A finished line goes into the takes store with all that is needed to judge it and to make it again."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codub import imported, in_use, weights
from codub.dubbing.latents import write_latent
from codub.dubbing.pictures import ClipPicture, shown_name
from codub.dubbing.profile import Profile
from codub.dubbing.record import (
    AUDIO,
    LATENT,
    SYMBOLS,
    Setting,
    TakeRecord,
    delivery_settings,
    picture_clip_name,
    picture_role,
)
from codub.dubbing.speak import Line
from codub.dubbing.takes import TakesStore
from codub.files import sync_folder
from codub.media.audio import write_wav
from codub.media.provenance import sound_comment
from codub.timeline.placed import Address
from codub.timeline.spans import Span
from codub.timing import DELIVERY_RATE


@dataclass(frozen=True)
class Made:
    """How a line was made: for the take's record.

    `silenced`: when the original is not heard, timeline seconds. `cast`: what the voice was taken from; `chosen`: the
    media that the cast names for the speaker. `adapted`: sha256 by name of the speaker's own face, if there is one.
    """

    profile: Profile
    seed: int
    style: str
    scores: Mapping[str, float]
    silenced: Span
    recording: str = ""
    cast: Mapping[str, Setting] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    adapted: Mapping[str, str] = field(default_factory=dict)


def keep_take(
    line: Line, pictures: Mapping[Address, ClipPicture], made: Made, store: TakesStore, folder: Path
) -> TakeRecord:
    """The take as the store keeps it, durable when this returns; `folder` is the store's workspace.

    Raises:
        TakesError: the store cannot be written.
    """
    cue = line.shot.cue
    stem = f"cue{cue.number}"
    files = {AUDIO: write_voice(line, made.profile, folder), LATENT: folder / f"{stem}.safetensors"}
    write_latent(files[LATENT], line.latent, line.at)
    settings: dict[str, Setting] = {"style": made.style, "codec": made.profile.codec, "origin": line.latent.origin}
    settings |= {
        "line": shown_name(cue.number, line.latent, line.at),
        "silenced": f"{made.silenced[0]} {made.silenced[1]}",
    }
    settings |= made.cast
    if line.notes:
        settings["notes"] = " ".join(line.notes)
    settings |= {"gain_db": round(line.placed.gain_db, 2), "spoken_from": str(line.at)}
    settings |= delivery_settings(line.delivery, line.durations)
    if line.symbols:
        settings[SYMBOLS] = "".join(line.symbols)
    for part in line.shot.parts:
        role, picture = picture_role(part.clip.address), pictures.get(part.clip.address)
        if picture is None:
            continue
        settings[f"{role}.clip"] = picture_clip_name(part.clip)
        settings[f"{role}.note"] = picture.note
        settings[f"{role}.lines"] = picture.lines
        if picture.path is not None:
            files[role] = _own(picture.path, folder / f"{stem}-{role}{picture.path.suffix}")
    shown = any(role not in (AUDIO, LATENT) for role in files)
    record = TakeRecord(
        cue=cue.number,
        language=cue.language,
        text=cue.text,
        speaker=cue.speaker,
        seed=made.seed,
        profile=made.profile.name,
        start=line.placed.start,
        duration=line.placed.end - line.placed.start,
        settings=settings,
        weights=fingerprints(made.profile, recording=bool(made.recording)) | (dict(made.adapted) if shown else {}),
        fit=line.fit,
        scores=made.scores,
        parents=tuple(dict.fromkeys([*_media(line), *filter(None, [made.recording]), *made.chosen])),
    )
    return store.add(record, files)


def write_voice(line: Line, profile: Profile, folder: Path) -> Path:
    """The line's sound as its take will have it, in the store's workspace `folder`; written once.

    Raises:
        MediaError: it cannot be written.
    """
    cue = line.shot.cue
    path = folder / f"cue{cue.number}.wav"
    if not path.is_file():
        comment = sound_comment(cue=str(cue.number), language=cue.language, profile=profile.name)
        write_wav(path, line.placed.samples, DELIVERY_RATE, comment=comment)
    return path


def fingerprints(profile: Profile, *, recording: bool = False) -> dict[str, str]:
    """sha256 of every weights file a take of this profile depends on."""
    found = {
        f"{name}/{file}": weights.recorded_sha256(weights.find(name, file))
        for name in profile.needs
        if in_use.stand_in(name) is None
        for file in weights.ASSETS[name].files
    }
    instead = [chosen for name in profile.needs if (chosen := in_use.stand_in(name))]
    found |= {chosen.file.name: imported.sha256_of(chosen) for chosen in instead}
    by_hand = [*profile.imports, *(profile.imports_for_recordings if recording else ())]
    found |= {imported.find(name).name: imported.recorded_sha256(name) for name in by_hand}
    return found if profile.face in found else found | {profile.face: weights.sha256_of(profile.face_file)}


def _media(line: Line) -> list[str]:
    pictures = [part.media.name for part in line.shot.parts]
    return pictures + [part.media.name for part in line.shot.audio_parts]


def _own(made: Path, path: Path) -> Path:
    """The picture under a name of this take: two lines of a clip share one picture, each take keeps it."""
    try:
        os.link(made, path)
    except OSError:  # no hard links on this disk
        shutil.copyfile(made, path)
        sync_folder(path.parent)
    return path
