"""`codub adapt`: a face generator fitted to one speaker on the project's own footage, used where it is better."""

import dataclasses
import hashlib
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codub import config, weights
from codub.dubbing.adapted import Adapted, DriveFigures, LineUsed, is_better, keep_adapted, speaker_folder
from codub.dubbing.cast.project import CastProject
from codub.dubbing.cast.speaker_faces import SpeakerFaces
from codub.dubbing.consent import FACE
from codub.dubbing.needs import require_weights
from codub.dubbing.profile import Models
from codub.dubbing.request import DubRequest
from codub.errors import UsageError
from codub.evaluation.lip_shapes import SHUT
from codub.evaluation.lips import LipClip, measure, remake
from codub.face.loading import load_face_generator
from codub.face.mesh import FaceMesh, load_mesh
from codub.face.model import FaceGenerator
from codub.jobs.own_latents import OwnLatents, latent_from
from codub.jobs.own_line import OwnLine
from codub.jobs.own_lines import find_lines
from codub.latent import FloatArray
from codub.training.adaptation import SETTINGS, Adaptation, AdaptedWeights, OwnFootage, adapt, wanted_steps

Progress = Callable[[float, str], None]

MINUTES = 20.0  # for the steps, unless the user says otherwise
WORK = "work"  # folder of a fit that is not over; one that was stopped goes on from it
HELD_OUT_EVERY, MOST_HELD_OUT = 4, 6  # lines; they are only measured on
LEARNT_SHARE, GAP = 0.6, 3  # of a speaker's one and only line, and frames between that and what is held out
FEWEST_HELD_OUT = 10  # frames; with fewer nobody could tell whether it is better


@dataclass(frozen=True)
class _Share:
    """Lines to learn from and lines to measure on."""

    learnt: tuple[OwnLine, ...]
    held_out: tuple[OwnLine, ...]

    def used(self) -> tuple[LineUsed, ...]:
        return tuple(
            LineUsed(
                line.cue, line.clip.media.name, line.clip.first_frame + line.first, len(line), line.sha256, held_out
            )
            for lines, held_out in ((self.learnt, False), (self.held_out, True))
            for line in lines
        )


def adapt_speaker(
    project: CastProject,
    name: str,
    progress: Progress = lambda fraction, what: None,
    *,
    minutes: float = MINUTES,
    language: str = "",
    models: Models | None = None,
    mesh: FaceMesh | None = None,
    settings: Adaptation | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Adapted:
    """What came of fitting the profile's face to a speaker, kept in the takes folder.

    Every fourth line is held out, of a single line its end; the fitted weights are kept only where these are better
    made with them. `minutes` limit the steps. `language` is that of the original words. Run again after it was
    stopped, it goes on from its last checkpoint.

    Raises:
        ConsentError: nobody declared that the speaker agreed.
        UsageError: nobody of that name speaks, or there is too little footage or time.
        WeightsError: weights are missing.
    """
    speaker = project.speaker(name)
    project.ledger.require(speaker, scope=(FACE,))
    require_weights(project.profile)
    settings = settings or config.load(Adaptation, SETTINGS)
    models, mesh = models or Models(project.profile), mesh or load_mesh()
    base = project.profile.face_file
    share, left_out = _lines(project, speaker, models, mesh, _part(progress, 0.0, 0.2))
    wanted_steps(settings, sum(map(len, share.learnt)))
    latents = OwnLatents(models, language)
    progress(0.2, "listening to the lines")
    known = {line.name: latents.of(line) for line in (*share.learnt, *share.held_out)}
    clips = _lip_clips(share.held_out, known, speaker, models)
    progress(0.25, "measuring the face as it is")
    before = _measured(models.face, clips, mesh)
    run = _run_folder(speaker_folder(project.folder, speaker) / WORK, base, share, settings)
    footage = OwnFootage(
        tuple(line.face_clip(speaker) for line in share.learnt),
        {kind: {n: held[kind] for n, held in known.items() if kind in held} for kind in ("sound", "text")},
        latents.silence,
    )
    made = adapt(
        settings, footage, base, run, _part(progress, 0.3, 0.95), limit=60 * minutes, device=models.device, clock=clock
    )
    progress(0.95, "measuring the face as it is now")
    after = _measured(load_face_generator(made.path, device=models.device), clips, mesh)
    figures = tuple(DriveFigures(drive, *_paired(before[drive], after[drive])) for drive in clips)
    adapted = _adapted(speaker, project, base, made, share, figures, left_out)
    keep_adapted(project.folder, adapted, made.path if adapted.better else None)
    shutil.rmtree(run.parent)
    progress(1.0, "kept")
    return adapted


def original_language(request: DubRequest) -> str:
    """Language of the original lines, from their name; "" where there are none or it is not known."""
    if request.source_lines is None:
        return ""
    try:
        return dataclasses.replace(request, lines=request.source_lines, language=None).spoken_language()
    except UsageError:
        return ""


def share_out(lines: Sequence[OwnLine]) -> tuple[tuple[OwnLine, ...], tuple[OwnLine, ...]]:
    """Lines to learn from and lines to measure on, which have no frame in common.

    Raises:
        UsageError: there is one line, and it is too short to be shared.
    """
    if len(lines) > 1:
        places = set(range(1, len(lines), HELD_OUT_EVERY)[:MOST_HELD_OUT])
        learnt = tuple(line for place, line in enumerate(lines) if place not in places)
        return learnt, tuple(lines[place] for place in sorted(places))
    (line,) = lines
    stop = round(LEARNT_SHARE * len(line))
    if len(line) - stop - GAP < FEWEST_HELD_OUT:
        raise UsageError(
            f"One line of {len(line)} frames is too little to fit a face to.",
            cause="A part of it has to be held out, to see whether the fitted face is better.",
            fix="Have more of the speaker's lines in the project; the shipped face works without.",
        )
    return (line.part(0, stop),), (line.part(stop + GAP, len(line)),)


def _lines(
    project: CastProject, speaker: str, models: Models, mesh: FaceMesh, progress: Progress
) -> tuple[_Share, tuple[str, ...]]:
    jobs = [job for job in project.project.plan.clips if any(shot.voice == speaker for shot in job.shots)]
    faces = SpeakerFaces(project.cast, project.project.plan, models)
    found = find_lines(jobs, speaker, faces, models, mesh, progress)
    if not found.lines:
        raise UsageError(
            f"There is no footage of '{speaker}' that a face could be fitted to.",
            cause="; ".join(found.left_out[:3]) or "No clip shows the speaker's lines.",
            fix=f"See whose face is taken for the speaker's: codub cast look ... --speaker '{speaker}'",
        )
    return _Share(*share_out(found.lines)), found.left_out


def _lip_clips(
    lines: Sequence[OwnLine], known: Mapping[str, Mapping[str, FloatArray]], speaker: str, models: Models
) -> dict[str, list[LipClip]]:
    """The held-out lines by what drives them: all by their sound, those with words by these too."""
    clips: dict[str, list[LipClip]] = {}
    for line in lines:
        pictures, mouth = line.plates()
        for kind, features in known[line.name].items():
            latent = latent_from(models.face.space, features, line.heard_from)
            clip = LipClip(line.name, speaker, pictures, line.clip.rate, latent, mouth)
            clips.setdefault(kind, []).append(clip)
    return clips


def _measured(
    generator: FaceGenerator, clips: Mapping[str, Sequence[LipClip]], mesh: FaceMesh
) -> dict[str, tuple[float, float, float]]:
    """PSNR, distance of the lips and share of shut lips that are made shut, by drive; every frame counts once."""
    found = {}
    for drive, own in clips.items():
        values, frames, shut, both = [], [], 0, 0
        for clip in own:
            remade = remake(generator, clip, mesh)
            figures = measure(remade)
            values.append((figures.mouth_psnr, figures.distance))
            frames.append(figures.frames)
            closed = clip.mouth.opening[remade.counted] < SHUT
            shut += int(closed.sum())
            both += int((closed & (remade.mouth.opening[remade.counted] < SHUT)).sum())
        psnr, distance = np.average(np.array(values), axis=0, weights=frames).tolist()
        found[drive] = psnr, distance, both / shut if shut else 1.0
    return found


def _paired(before: Sequence[float], after: Sequence[float]) -> list[float]:
    return [round(value, 4) for pair in zip(before, after, strict=True) for value in pair]


def _run_folder(work: Path, base: Path, share: _Share, settings: Adaptation) -> Path:
    """Where this very fit stands: of other footage, weights or settings nothing is gone on with."""
    told = (weights.sha256_of(base), share.used(), dataclasses.asdict(settings))
    run = work / hashlib.sha256(repr(told).encode()).hexdigest()[:12]
    for other in work.glob("*"):
        if other != run:
            shutil.rmtree(other)
    run.mkdir(parents=True, exist_ok=True)
    return run


def _adapted(
    speaker: str,
    project: CastProject,
    base: Path,
    made: AdaptedWeights,
    share: _Share,
    figures: tuple[DriveFigures, ...],
    left_out: tuple[str, ...],
) -> Adapted:
    notes = left_out
    if made.steps < made.wanted:
        notes = (f"there was time for {made.steps} of {made.wanted} steps: give more with --minutes", *notes)
    return Adapted(
        speaker,
        project.profile.space,
        weights.sha256_of(base),
        weights.sha256_of(made.path) if is_better(figures) else "",
        made.steps,
        round(made.seconds, 1),
        share.used(),
        figures,
        notes,
    )


def _part(report: Progress, low: float, high: float) -> Progress:
    return lambda fraction, what: report(low + (high - low) * fraction, what)
