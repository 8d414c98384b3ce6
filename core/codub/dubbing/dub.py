"""The product, top to bottom: cue -> reference -> latent -> (voice, face) -> composite -> take -> timeline."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from codub.dubbing.casting import read_cast
from codub.dubbing.consent import ConsentLedger
from codub.dubbing.keep import Made, keep_take
from codub.dubbing.latents import read_latent
from codub.dubbing.mouth import mouth_span
from codub.dubbing.needs import require_weights
from codub.dubbing.opening import DubProject, open_project
from codub.dubbing.origin import keep_origin
from codub.dubbing.pictures import ClipPicture, LineInClip, picture_clip
from codub.dubbing.plan import ClipJob, Shot
from codub.dubbing.profile import Models, load_profile
from codub.dubbing.record import LATENT, Setting, TakeRecord, picture_role
from codub.dubbing.request import DubOutcome, DubRequest, Failure
from codub.dubbing.scenes import Scene, scenes
from codub.dubbing.speak import Line, speak, speak_recording
from codub.dubbing.speaker_faces import SpeakerFaces
from codub.dubbing.takes import TakesStore, takes_folder
from codub.dubbing.voices import Voices
from codub.dubbing.writing import write_timeline
from codub.errors import CodubError
from codub.speech.model import Speech
from codub.timeline.placed import Address

Progress = Callable[[float, str], None]


def dub_project(request: DubRequest, progress: Progress = lambda _fraction, _what: None) -> DubOutcome:
    """Dub every cue asked for, keep each take durably, and write the timeline with the takes on it.

    A cue that fails costs neither finished takes nor the other cues: it is reported in the outcome's `failures`.

    Raises:
        CodubError: nothing could be done at all (no project, no weights, no consent, no place to write).
    """
    started = time.monotonic()
    request.check()
    project = open_project(request)
    profile = load_profile(request.profile)
    require_weights(profile, recording=request.recording is not None)
    if request.recording is None:
        profile.require_language(project.language)
    folder = takes_folder(request.output)
    _require_consent(request, project, folder)
    cast = read_cast(folder)
    with TakesStore.open(folder) as store:
        keep_origin(request)
        models = Models(profile)
        voices = Voices(project.plan, models, store.styles, request.fit_seconds, cast)
        work = _Work(request, project, models, voices, SpeakerFaces(cast, lambda: models.landmarks), store)
        _dub_scenes(work, progress)
        notes = write_timeline(project, store, request.output)
    return DubOutcome(
        output=request.output,
        takes=tuple(work.takes),
        failures=tuple(work.failures),
        notes=(*project.notes, *dict.fromkeys((*work.voices.notes, *work.notes)), *notes),
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True)
class _Work:
    """What every scene needs, and what has come of the scenes so far."""

    request: DubRequest
    project: DubProject
    models: Models
    voices: Voices
    faces: SpeakerFaces
    store: TakesStore
    notes: list[str] = field(default_factory=list)
    takes: list[TakeRecord] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def _dub_scenes(work: _Work, progress: Progress) -> None:
    rounds = [(scene, number) for scene in scenes(work.project.plan) for number in range(work.request.takes)]
    for done, (scene, number) in enumerate(rounds):
        _dub_scene(scene, work.request.seed + number, work, _part(progress, done / len(rounds), 1 / len(rounds)))
    progress(1.0, "takes are kept")


def _dub_scene(scene: Scene, seed: int, work: _Work, report: Progress) -> None:
    """One take of every cue of a scene: all its voices, then the pictures that show them, then kept."""
    lines: dict[int, Line] = {}
    for order, shot in enumerate(scene.shots):
        try:
            said = _part(report, 0.5 * order / len(scene.shots), 0.5 / len(scene.shots))
            line = lines[shot.cue.number] = _speak(shot, seed, work, said)
            work.notes.extend(f"Cue {shot.cue.number}: {note}" for note in line.notes)
        except CodubError as error:
            work.failures.append(Failure(shot.cue.number, error))
    with work.store.workspace() as folder:
        pictures = _picture(scene, lines, work, folder, _part(report, 0.5, 0.5)) if lines else {}
        for line in lines.values():
            try:
                work.takes.append(_keep(line, pictures, seed, work, folder))
            except CodubError as error:
                work.failures.append(Failure(line.shot.cue.number, error))


def _speak(shot: Shot, seed: int, work: _Work, report: Progress) -> Line:
    """Cue -> reference -> latent -> voice."""
    report(0.0, f"cue {shot.cue.number}: voice")
    if work.request.recording is not None:
        return speak_recording(shot, work.request.recording, work.models)
    style = work.voices.style(shot.voice, lambda fraction, what: report(0.8 * fraction, what))
    return speak(shot, style, work.models, seed, work.request.delivery(shot.cue.number))


def _picture(
    scene: Scene, lines: dict[int, Line], work: _Work, folder: Path, report: Progress
) -> dict[Address, ClipPicture]:
    """Latent -> face -> composite, for every clip of the scene that shows one of the lines."""
    made: dict[Address, ClipPicture] = {}
    jobs = [job for job in scene.clips if any(cue.number in lines for cue in job.cues)]
    for order, job in enumerate(jobs):
        target = folder / f"clip{order}.mp4"
        said = _part(report, order / len(jobs), 1 / len(jobs), f"clip {job.clip.name}: ")
        tags = {"clip": job.clip.name, "cues": " ".join(str(cue.number) for cue in job.cues)}
        try:
            shown = _lines_in(job, lines, work)
            inspect = work.store.folder / "inspect" / picture_role(job.clip.address) if work.request.inspect else None
            made[job.clip.address] = picture_clip(job.clip, shown, work.models, target, tags, said, inspect)
        except CodubError as error:  # the voice is good: it is kept, and the picture's failure is said
            work.failures.extend(Failure(cue.number, error) for cue in job.cues if cue.number in lines)
    return made


def _lines_in(job: ClipJob, lines: dict[int, Line], work: _Work) -> list[LineInClip]:
    """The lines that a clip's picture shows: those just spoken, and the chosen takes of its other cues."""
    shown = []
    for shot in job.shots:
        cue = shot.cue
        if cue.number in lines:
            line = lines[cue.number]
            latent, at, mouth = line.latent, line.at, line.mouth
        else:
            chosen = work.store.selected(cue.number, cue.language)
            path = None if chosen is None else work.store.path(chosen, LATENT)
            if path is None:
                continue
            latent, at = read_latent(path)
            mouth = mouth_span(shot, at, at + latent.duration)
        sound = shot.audio_parts[0].clip if shot.audio_parts else None
        shown.append(LineInClip(cue.number, latent, at, mouth, sound, work.faces.of(shot, job.clip)))
    return shown


def _keep(line: Line, pictures: dict[Address, ClipPicture], seed: int, work: _Work, folder: Path) -> TakeRecord:
    """The take, durable on the disk, chosen if the cue had none or was asked for anew."""
    scores: dict[str, float] = {}
    style = "a human recording"
    cast: dict[str, Setting] = {}
    if work.request.recording is None:
        voice = line.shot.voice
        style = work.voices.style(voice, lambda _fraction, _what: None).origin
        cast = work.voices.used(voice)
        scores["secs"] = round(work.voices.likeness(voice, Speech(line.placed.samples, line.placed.sample_rate)), 4)
    recording = "" if work.request.recording is None else work.request.recording.name
    made = Made(
        work.models.profile,
        seed,
        style,
        scores,
        line.mouth,
        recording,
        cast,
        work.faces.cast.member(line.shot.voice).files,
    )
    record = keep_take(line, pictures, made, work.store, folder)
    return work.store.select(record.cue, record.take, record.language)


def _require_consent(request: DubRequest, project: DubProject, folder: Path) -> None:
    ledger = ConsentLedger(folder, request.project.absolute().parent)
    speakers = [shot.voice for shot in project.plan.shots]
    if request.consent_by:
        ledger.declare(speakers, request.consent_by)
    ledger.require(*speakers)


def _part(report: Progress, low: float, share: float, name: str = "") -> Progress:
    return lambda fraction, what: report(low + share * fraction, name + what)
