"""Clips looked through for their faces, and the pictures of the references: what a person chooses from."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
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
from codub.dubbing.cast.mouth_pictures import OPENING, ReferenceRow, still_name
from codub.dubbing.cast.speaker_faces import SpeakerFaces, read_still
from codub.dubbing.cast.voice_card import FOLDER
from codub.dubbing.pictures import clip_loudness
from codub.dubbing.plan import ClipJob, Shot
from codub.face.crop import Picture
from codub.face.inspect import contact_sheet
from codub.face.landmarks import LandmarkSource
from codub.face.model import MOUTHS
from codub.face.pointing import face_box
from codub.face.references import FaceReferences, choose_references
from codub.face.speaking import weigh_faces
from codub.face.track import FaceTrack, ShotFaces, find_faces
from codub.files import replacing
from codub.media.probe import probe
from codub.media.video import Frame, read_frames
from codub.timeline.placed import PlacedClip

Progress = Callable[[float, str], None]

SHEET_CELL = 160  # pixels


def look_at_clip(job: ClipJob, speakers: SpeakerFaces, folder: Path, progress: Progress) -> ClipFaces:
    """The faces of a clip with lines, looked for now unless they were before; kept in the takes folder.

    Raises:
        MediaError: the media is missing or does not decode, or a picture chosen for a speaker shows no face.
    """
    known = known_clip_faces(folder, job, speakers.cast)
    if known is None:
        known = _looked_at(job, speakers, folder, progress)
        write_clip_faces(folder, clip_stem(job, speakers.cast), known)
    return known


def _looked_at(job: ClipJob, speakers: SpeakerFaces, folder: Path, progress: Progress) -> ClipFaces:
    stem = clip_stem(job, speakers.cast)
    clip = job.clip
    info = probe(clip.media).require_video()
    frames = _frames(clip)
    faces = find_faces(frames, speakers.source(), count=clip.frame_count, progress=progress)
    verdicts: list[Verdict] = []
    speaking: dict[tuple[str, int], FaceTrack] = {}
    for shot in job.shots:
        alike = speakers.of(shot, clip).alike(faces, partial(_frames, clip))
        for face in weigh_faces(faces, _sound(shot, clip), _active(shot, clip), alike=alike):
            verdicts.append(Verdict(shot.cue.number, face.track.identity, face.speaks, face.reason))
            if face.speaks:
                speaking[shot.voice, face.track.identity] = face.track
    return ClipFaces(
        clip=clip.name,
        media=str(clip.media),
        first_frame=clip.first_frame,
        frame_count=clip.frame_count,
        size=(info.width, info.height),
        faces=tuple(_found(track, faces, clip) for track in faces.tracks),
        verdicts=tuple(verdicts),
        references=tuple(_references(clip, speaking, folder / FOLDER, stem)),
    )


def _frames(clip: PlacedClip) -> Iterator[Frame]:
    return read_frames(clip.media, clip.first_frame, clip.frame_count)


def _sound(shot: Shot, clip: PlacedClip) -> NDArray[np.float32] | None:
    return clip_loudness(clip, shot.audio_parts[0].clip) if shot.audio_parts else None


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
    clip: PlacedClip, speaking: dict[tuple[str, int], FaceTrack], folder: Path, stem: str
) -> Iterator[FoundReferences]:
    chosen: dict[int, tuple[tuple[int, ...], tuple[str, ...]]] = {}
    for (speaker, identity), track in speaking.items():
        if identity not in chosen:
            references = choose_references(_frames(clip), track, len(MOUTHS))
            names = tuple(f"{stem}-{identity}-{kind}.png" for kind in MOUTHS)
            for name, crop in zip(names, references.crops, strict=True):
                _save(folder / name, crop)
            chosen[identity] = tuple(clip.first_frame + frame for frame in references.frames), names
        yield FoundReferences(speaker, identity, *chosen[identity])


def look_at_still(pick: FramePick, source: Callable[[], LandmarkSource], folder: Path) -> Path:
    """The picture of a face that was chosen by hand, looked for now unless it was before.

    Raises:
        MediaError: the media is missing, has no such frame, or shows no face there.
    """
    path = folder / FOLDER / still_name(pick)
    if not path.is_file():
        still = read_still(pick, source())
        _save(path, still.crop, opening=still.opening)
    return path


def write_sheet(rows: Sequence[ReferenceRow], path: Path) -> None:
    """All references in one picture: a row for each speaker and clip, its mouths closed, open and between."""
    cells: list[Picture] = []
    for row in rows:
        for picture in row.pictures:
            with Image.open(picture) as opened:
                cells.append(FaceReferences(np.asarray(opened.convert("RGB"))[None]).at(SHEET_CELL)[0])
    _save(path, contact_sheet(cells, len(MOUTHS)))


def _save(path: Path, picture: Picture, opening: float | None = None) -> None:
    about = PngInfo()
    if opening is not None:
        about.add_text(OPENING, repr(opening))
    with replacing(path) as temporary:
        Image.fromarray(picture).save(temporary, format="PNG", pnginfo=about)
