"""A clip with new lips: its frames in, as many out, moved by the latents of the lines spoken in it."""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from codub.dubbing.cast.speaker_faces import LineFace
from codub.dubbing.followed import clip_faces, clip_frames, clip_loudness
from codub.dubbing.profile import Models
from codub.errors import LatentSpaceError, MediaError
from codub.face.inspect import write_comparison, write_mouths
from codub.face.model import FaceGenerator
from codub.face.references import FaceReferences
from codub.face.render import FaceJob, changed_frames, render_face
from codub.face.speaking import NOBODY
from codub.latent import SpeechLatent
from codub.media.encode import CODECS, write_planes, write_video
from codub.media.layout import plane_layout
from codub.media.planes import read_planes
from codub.media.probe import VideoInfo, probe
from codub.media.provenance import picture_tags
from codub.media.video import read_frames
from codub.timeline.placed import PlacedClip
from codub.timeline.spans import Span

Progress = Callable[[float, str], None]

Shown = TypeVar("Shown")

AUTOMATIC = LineFace()


@dataclass(frozen=True)
class LineInClip:
    """A line as a clip's picture sees it.

    `latent` begins at timeline second `at`; `span` (timeline seconds) is when the mouth belongs to the line: while it
    is spoken, and while the original was. `sound` is the audio clip of the original line, None where there is none.
    `face` is what the cast says of the line's face; `generator` is the speaker's own, None for the profile's.
    """

    cue: int
    latent: SpeechLatent
    at: Fraction
    span: Span
    sound: PlacedClip | None
    face: LineFace = AUTOMATIC
    generator: FaceGenerator | None = None


@dataclass(frozen=True)
class ClipPicture:
    """What was made of a clip: the file (None where no face was changed), how many frames, and in words why.

    `lines` names the lines that the picture shows, e.g. "3:9f2c81d07a55 4:..." (cue and start of its latent's
    sha256): two takes of a clip belong together when they are equal. `doubts` are warnings of pictures that seem to
    be of somebody else.
    """

    path: Path | None
    frames_changed: int
    note: str
    lines: str = ""
    doubts: tuple[str, ...] = ()


def picture_clip(
    clip: PlacedClip,
    lines: Sequence[LineInClip],
    models: Models,
    target: Path,
    tags: Mapping[str, str],
    report: Progress,
    inspect: Path | None = None,
) -> ClipPicture:
    """Write the clip's used part to `target` with the mouths of its speakers moving by their lines.

    Frame count, rate, size, pixel aspect and colour tags are those of the original media; so are, before the codec,
    the stored samples outside the faces where `plane_layout` knows the film's. Without a face that speaks,
    nothing is written: the original picture stands. In `inspect` go pictures of before, after and difference.

    Raises:
        MediaError: the media is not what the timeline says, or cannot be read or written.
    """
    info = _checked(clip)
    clip_faces(clip, models, _part(report, 0.0, 0.3))
    jobs, reasons, doubts = _face_jobs(clip, lines, models)
    changed = int(np.count_nonzero(sum((changed_frames(job, jobs) for job in jobs), np.zeros(clip.frame_count))))
    if not changed:
        why = NOBODY if NOBODY in reasons else "no usable face in the line's frames"
        return ClipPicture(None, 0, f"{why}: the picture is left as it is", shown(lines), doubts)
    _write(clip, info, jobs, models, target, picture_tags(**tags), _part(report, 0.3, 1.0))
    if inspect is not None:
        write_comparison(clip_frames(clip), read_frames(target), inspect, track=jobs[0].track)
        for name, references in _by_speaker(jobs):
            write_mouths(references, inspect / f"mouths-{name}.png")
    origins = "; ".join(dict.fromkeys(job.references.origin for job in jobs))
    note = f"{changed} of {clip.frame_count} frames; face: {', '.join(reasons)}; references: {origins}"
    note += "; weights fitted to the speaker" if any(job.generator is not None for job in jobs) else ""
    return ClipPicture(target, changed, note, shown(lines), doubts)


def shown(lines: Sequence[LineInClip]) -> str:
    """Names of the lines that a picture shows, equal for equal latents at equal times."""
    return " ".join(shown_name(line.cue, line.latent, line.at) for line in sorted(lines, key=lambda line: line.cue))


def shown_name(cue: int, latent: SpeechLatent, at: Fraction) -> str:
    """Name of a line as pictures show it."""
    digest = hashlib.sha256(np.ascontiguousarray(latent.features).tobytes() + str(at).encode())
    return f"{cue}:{digest.hexdigest()[:12]}"


def line_windows(
    latent: SpeechLatent, silence: NDArray[np.float32], width: int, delay: float
) -> Callable[[NDArray[np.float64]], NDArray[np.float32]]:
    """The latent round given times, silence before and after it; the latent begins `delay` seconds after time 0."""
    rate = float(latent.space.rate)
    margin = width  # vectors of silence on both sides: a window never reaches further
    edge = np.repeat(silence.astype(np.float32)[:, None], margin, axis=1)
    padded = SpeechLatent(
        latent.space,
        np.concatenate([edge, latent.features, edge], axis=1),
        np.pad(latent.log_f0, int(margin * latent.space.f0_rate / latent.space.rate)),
        np.pad(latent.energy, int(margin * latent.space.f0_rate / latent.space.rate), mode="edge"),
        latent.spans,
        latent.origin,
    )

    def windows(times: NDArray[np.float64]) -> NDArray[np.float32]:
        return padded.windows(np.asarray(times) - delay + margin / rate, width)

    return windows


def _face_jobs(
    clip: PlacedClip, lines: Sequence[LineInClip], models: Models
) -> tuple[list[FaceJob], list[str], tuple[str, ...]]:
    """What each speaking face of the clip is to say, in words why these faces, and what is doubtful."""
    jobs: list[FaceJob] = []
    reasons: dict[str, None] = {}
    doubts: dict[str, None] = {}
    taken: dict[tuple[int, str], FaceReferences] = {}
    for line, active in zip(lines, _active_frames(clip, lines), strict=True):
        _require_space(line, models)
        weighed = line.face.weigh(clip, clip_loudness(clip, line.sound, models), active, models)
        speaking = [face for face in weighed if face.speaks]
        reasons |= dict.fromkeys(face.reason for face in speaking or weighed)
        for track in (face.track for face in speaking):
            key = track.identity, line.face.member.speaker
            if key not in taken:
                taken[key] = line.face.references(clip, track, models)
                doubts |= dict.fromkeys(filter(None, [line.face.doubt(clip, track, models)]))
            jobs.append(
                FaceJob(
                    track=track,
                    references=taken[key],
                    windows=line_windows(
                        line.latent,
                        models.voice.ttv.silence_vector(),
                        models.face.window,
                        float(line.at - clip.frame_start(clip.first_frame)),
                    ),
                    frames=clip.frame_count,
                    rate=clip.rate,
                    active=active,
                    seed=line.cue,
                    generator=line.generator,
                )
            )
    return jobs, list(reasons), tuple(doubts)


def _by_speaker(jobs: Sequence[FaceJob]) -> Iterator[tuple[str, FaceReferences]]:
    """The references of each face, once, named by the first line that shows it."""
    shown_already: list[FaceReferences] = []
    for job in jobs:
        if not any(job.references is references for references in shown_already):
            shown_already.append(job.references)
            yield f"cue{job.seed}", job.references


def _require_space(line: LineInClip, models: Models) -> None:
    """Another cue of the clip may have a take that was made with another profile."""
    if line.latent.space != models.face.space:
        raise LatentSpaceError(
            f"The chosen take of cue {line.cue} in this clip is of the latent space '{line.latent.space.name}'.",
            cause=f"The face of the profile '{models.profile.name}' moves in '{models.face.space.name}' only.",
            fix=f"Dub all cues of the clip with one profile: --profile {models.profile.name} --cue {line.cue} ...",
        )


def _active_frames(clip: PlacedClip, lines: Sequence[LineInClip]) -> list[range]:
    """For each line the frames of the clip it may change; where two lines meet, each has its half."""
    ranges = []
    for line in lines:
        first, count = clip.frames_during(line.span)
        ranges.append(range(first - clip.first_frame, first - clip.first_frame + count))
    order = sorted((i for i in range(len(lines)) if ranges[i]), key=lambda i: lines[i].span[0])
    for before, after in itertools.pairwise(order):
        one, two = ranges[before], ranges[after]
        if one.stop > two.start:
            middle = max(one.start, min((one.stop + two.start) // 2, two.stop))
            ranges[before], ranges[after] = range(one.start, middle), range(middle, two.stop)
    return ranges


def _write(
    clip: PlacedClip,
    info: VideoInfo,
    jobs: Sequence[FaceJob],
    models: Models,
    target: Path,
    tags: Mapping[str, str],
    report: Progress,
) -> None:
    count, codec = clip.frame_count, CODECS[models.profile.codec]

    if plane_layout(info) is None:
        frames = render_face(clip_frames(clip), jobs, models.face)
        write_video(target, _counted(frames, count, report), info, count, codec, tags)
    else:
        planes = render_face(read_planes(clip.media, clip.first_frame, count), jobs, models.face)
        write_planes(target, _counted(planes, count, report), info, count, codec, tags)


def _checked(clip: PlacedClip) -> VideoInfo:
    info = probe(clip.media).require_video()
    if info.rate != clip.rate:
        raise MediaError(
            f"Clip '{clip.name}' is placed at {float(clip.rate):.3f} frames/s.",
            cause=f"Its media '{clip.media.name}' runs at {float(info.rate):.3f} frames/s.",
            fix="Conform the media, or correct the clip's rate in the timeline.",
        )
    if clip.first_frame + clip.frame_count > info.frames:
        raise MediaError(
            f"Clip '{clip.name}' uses frames up to {clip.first_frame + clip.frame_count - 1}.",
            cause=f"Its media '{clip.media.name}' has {info.frames}.",
            fix="Trim the clip, or relink it to the complete media.",
        )
    return info


def _counted(frames: Iterator[Shown], count: int, report: Progress) -> Iterator[Shown]:
    for number, frame in enumerate(frames, 1):
        yield frame
        report(number / count, "face")


def _part(report: Progress, low: float, high: float) -> Progress:
    return lambda fraction, what: report(low + (high - low) * fraction, what)
