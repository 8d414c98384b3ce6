"""Clips looked through for their faces, and the pictures of the references: what a person chooses from."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from codub.dubbing.cast.casting import FramePick
from codub.dubbing.cast.clip_faces import (
    ClipFaces,
    FoundFace,
    FoundReferences,
    Verdict,
    clip_stem,
    known_clip_faces,
    write_clip_faces,
)
from codub.dubbing.cast.mouth_pictures import ABOUT, ReferenceRow, StillPicture, still_name
from codub.dubbing.cast.speaker_faces import LineFace, SpeakerFaces, read_still
from codub.dubbing.cast.voice_card import FOLDER
from codub.dubbing.followed import clip_faces, clip_looks, clip_loudness
from codub.dubbing.profile import Models
from codub.dubbing.shots import ClipJob, Shot
from codub.face.crop import Picture
from codub.face.inspect import contact_sheet
from codub.face.mouth_kinds import SHUT_UNTIL
from codub.face.pointing import face_box
from codub.face.references import mouth_name, resized
from codub.face.track import FaceTrack, ShotFaces
from codub.files import replacing
from codub.media.probe import probe
from codub.timeline.placed import PlacedClip

Progress = Callable[[float, str], None]

SHEET_CELL = 160  # pixels


def look_at_clip(job: ClipJob, speakers: SpeakerFaces, folder: Path, progress: Progress) -> ClipFaces:
    """The faces of a clip with lines, looked for now unless they were before; kept in the takes folder.

    Raises:
        MediaError: the media is missing or does not decode, or a picture chosen for a speaker shows no face.
    """
    known = known_clip_faces(folder, job, speakers.cast)
    if known is None or any(len(one.pictures) != speakers.models.face.references for one in known.references):
        known = _looked_at(job, speakers, folder, progress)
        write_clip_faces(folder, clip_stem(job, speakers.cast), known)
    return known


def _looked_at(job: ClipJob, speakers: SpeakerFaces, folder: Path, progress: Progress) -> ClipFaces:
    clip, models = job.clip, speakers.models
    info = probe(clip.media).require_video()
    faces = clip_faces(clip, models, progress)
    verdicts: list[Verdict] = []
    speaking: dict[tuple[str, int], tuple[FaceTrack, LineFace]] = {}
    for shot in job.shots:
        line = speakers.of(shot, clip)
        sound = clip_loudness(clip, shot.audio_parts[0].clip if shot.audio_parts else None, models)
        for face in line.weigh(clip, sound, _active(shot, clip), models, told=False):
            verdicts.append(Verdict(shot.cue.number, face.track.identity, face.speaks, face.reason))
            if face.speaks:
                speaking[shot.voice, face.track.identity] = face.track, line
    return ClipFaces(
        clip=clip.name,
        media=str(clip.media),
        first_frame=clip.first_frame,
        frame_count=clip.frame_count,
        size=(info.width, info.height),
        faces=tuple(_found(track, faces, clip) for track in faces.tracks),
        verdicts=tuple(verdicts),
        references=tuple(_references(job, speaking, speakers, folder / FOLDER)),
    )


def _active(shot: Shot, clip: PlacedClip) -> range:
    first, count = clip.frames_during((shot.cue.start, shot.cue.end))
    return range(first - clip.first_frame, first - clip.first_frame + count)


def _found(track: FaceTrack, faces: ShotFaces, clip: PlacedClip) -> FoundFace:
    boxes = []
    for frame in range(track.first, track.end):
        box = face_box(track, frame, faces.size)
        edges = tuple(round(edge, 4) for edge in (box.left, box.top, box.right, box.bottom))
        boxes.append(edges if track.found[frame - track.first] else ())
    return FoundFace(track.identity, clip.first_frame + track.first, tuple(boxes))


def _references(
    job: ClipJob, speaking: dict[tuple[str, int], tuple[FaceTrack, LineFace]], speakers: SpeakerFaces, folder: Path
) -> Iterator[FoundReferences]:
    """What each speaker's mouth is made of as long as nobody chooses pictures, which are laid over it when shown."""
    clip, models, stem = job.clip, speakers.models, clip_stem(job, speakers.cast)
    looks = clip_looks(clip, models) if speaking else ()
    for order, ((speaker, identity), (track, line)) in enumerate(speaking.items()):
        references = line.found_references(clip, track, models)
        names = tuple(f"{stem}-{order}-{place}-{mouth_name(place)}.png" for place in range(len(references.crops)))
        for name, crop in zip(names, references.crops, strict=True):
            _save(folder / name, crop)
        frames = tuple(clip.first_frame + frame if frame >= 0 else -1 for frame in references.frames)
        seen = next(s for t, s in zip(clip_faces(clip, models).tracks, looks, strict=True) if t.identity == identity)
        rounded = tuple(round(float(value), 4) for value in seen)
        yield FoundReferences(speaker, identity, frames, names, references.origins, rounded)


def look_at_still(pick: FramePick, models: Models, folder: Path) -> Path:
    """The picture of a face that was chosen by hand, looked for now unless it was before; an open mouth shut as well.

    Raises:
        MediaError: the media is missing, has no such frame, or shows no face there.
    """
    path = folder / FOLDER / still_name(pick)
    if not StillPicture.read(path).looks:
        still = read_still(pick, models.landmarks)
        if still.opening > SHUT_UNTIL and models.silent_face is not None:
            _save(folder / FOLDER / still_name(pick, shut=True), models.silent_face.shut(still.crop))
        _save(path, still.crop, StillPicture.of(still))
    return path


def write_sheet(rows: Sequence[ReferenceRow], path: Path) -> None:
    """All references in one picture: a row for each speaker and clip, its mouths in the order of `MOUTHS`."""
    cells: list[Picture] = []
    columns = max(len(row.pictures) for row in rows)
    for row in rows:
        for picture in row.pictures:
            with Image.open(picture) as opened:
                cells.append(resized(np.asarray(opened.convert("RGB")), SHEET_CELL))
        cells += [np.zeros((SHEET_CELL, SHEET_CELL, 3), np.uint8)] * (columns - len(row.pictures))
    _save(path, contact_sheet(cells, columns))


def _save(path: Path, picture: Picture, still: StillPicture | None = None) -> None:
    about = PngInfo()
    if still is not None:
        about.add_text(ABOUT, still.text())
    with replacing(path) as temporary:
        Image.fromarray(picture).save(temporary, format="PNG", pnginfo=about)
