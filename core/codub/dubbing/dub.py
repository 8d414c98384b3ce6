"""The product, top to bottom: cue -> reference -> latent -> (voice, face) -> composite -> take -> timeline."""

import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from codub.dubbing.cast.casting import read_cast
from codub.dubbing.cast.speaker_faces import SpeakerFaces
from codub.dubbing.events import Expected, Heard, Progress, Told
from codub.dubbing.keep import Made, keep_take, write_voice
from codub.dubbing.lexicon_file import read_lexicons
from codub.dubbing.needs import require_weights
from codub.dubbing.origin import keep_origin
from codub.dubbing.own_faces import AdaptedFaces
from codub.dubbing.pictures import ClipPicture, picture_clip
from codub.dubbing.profile import load_profile
from codub.dubbing.rates import Rates
from codub.dubbing.record import Setting, TakeRecord, picture_role
from codub.dubbing.recordings import HUMAN, performer_of, recording_settings
from codub.dubbing.request import DubOutcome, DubRequest
from codub.dubbing.scenes import scenes, together
from codub.dubbing.shots import Shot
from codub.dubbing.speak import Line, ReadCue, read_cue, speak_recording, spoken_line
from codub.dubbing.studio import Studio
from codub.dubbing.takes import takes_folder
from codub.dubbing.voices import Voices
from codub.dubbing.work import Turn, Work, lines_in, part_of, require_consent
from codub.dubbing.writing import write_timeline
from codub.errors import CodubError
from codub.speech.lexicon import Words
from codub.speech.model import Speech
from codub.speech.saying import say
from codub.timeline.placed import Address


def dub_project(
    request: DubRequest,
    progress: Progress = lambda _fraction, _what: None,
    *,
    studio: Studio | None = None,
    told: Told = lambda _event: None,
) -> DubOutcome:
    """Dub every cue asked for, keep each take durably, and write the timeline with the takes on it.

    A cue that fails costs neither finished takes nor the other cues: it is reported in the outcome's `failures`.
    What a `studio` holds from earlier dubs is not worked out again; without one nothing stays. An error that
    `progress` raises stops the dub there and then; takes that were told are kept.

    Raises:
        CodubError: nothing could be done at all (no project, no weights, no consent, no place to write).
    """
    started = time.monotonic()
    request.check()
    request = request.narrowed()
    if studio is None:
        studio = Studio()
        with closing(studio):
            return dub_project(request, progress, studio=studio, told=told)
    project = studio.project(request)
    profile = load_profile(request.profile)
    require_weights(profile, recording=request.recording is not None)
    if request.recording is None:
        profile.require_language(project.language)
    folder = takes_folder(request.output)
    require_consent(request, project, folder)
    cast = read_cast(folder)
    lexicon = read_lexicons(folder, request.project.absolute().parent)
    store, models = studio.store(request), studio.models(profile)
    keep_origin(request)
    voices = Voices(project.plan, models, store.styles, request.fit_seconds, cast)
    rates = Rates(folder, profile, models.device)
    faces, own = SpeakerFaces(cast, project.plan, models), AdaptedFaces(folder, models)
    work = Work(request, project, models, voices, faces, own, store, rates, told, request.recordings(), lexicon)
    _dub_scenes(work, progress)
    notes = write_timeline(project, store, request.output) if request.write else []
    return DubOutcome(
        output=request.output,
        takes=tuple(work.takes),
        failures=tuple(work.failures),
        notes=(*project.notes, *dict.fromkeys((*work.voices.notes, *own.notes, *work.notes)), *notes),
        seconds=time.monotonic() - started,
    )


def _dub_scenes(work: Work, progress: Progress) -> None:
    seeds = [work.request.seed + number for number in range(work.request.takes)]
    turns = [(scene, seed) for scene in scenes(work.project.plan) for seed in seeds]
    expected = [work.voice_seconds(scene) + work.picture_seconds(scene) for scene, _ in turns]
    whole, done = sum(expected), 0.0
    work.told(Expected(whole))
    for some in together([len(scene.shots) for scene, _ in turns], work.models.lines_at_once):
        seconds = sum(expected[some])
        with ExitStack() as folders:
            made = [Turn(*turn, folders.enter_context(work.store.workspace())) for turn in turns[some]]
            _dub_together(made, work, part_of(progress, done / whole, seconds / whole))
        done += seconds
    progress(1.0, "takes are kept")


def _dub_together(turns: Sequence[Turn], work: Work, report: Progress) -> None:
    """One take of every cue of some scenes: all their voices, then the pictures that show them, then kept."""
    voices = sum(work.voice_seconds(turn.scene) for turn in turns)
    share = voices / (voices + sum(work.picture_seconds(turn.scene) for turn in turns))  # so that progress is time
    asked = [(turn, shot) for turn in turns for shot in turn.scene.shots]
    for some in together([1] * len(asked), work.models.lines_at_once):
        part = share / len(asked)
        _speak(asked[some], work, part_of(report, part * some.start, part * len(asked[some])))
    for order, turn in enumerate(turns):
        part = (1 - share) / len(turns)
        made = _picture(turn, work, part_of(report, share + part * order, part)) if turn.lines else {}
        for line in turn.lines.values():
            try:
                work.takes.append(_keep(line, made, turn.seed, work, turn.folder))
                work.told(work.takes[-1])
            except CodubError as error:
                work.fail(line.shot.cue.number, error)


def _speak(asked: Sequence[tuple[Turn, Shot]], work: Work, report: Progress) -> None:
    """Cue -> reference -> latent, of the lines that are spoken together, and then their voices."""
    read: list[tuple[Turn, ReadCue]] = []
    took = 0.0
    for order, (turn, shot) in enumerate(asked):
        said = part_of(report, order / len(asked), 0.8 / len(asked))
        said(0.0, f"cue {shot.cue.number}: voice")
        try:
            if shot.cue.number in work.recordings:
                _hear(turn, _perform(shot, work, said), work)
                continue
            style = work.voices.speaking(shot.voice, shot.cue.language, said)
            words, delivery = _words(shot, work), work.request.delivery(shot.cue.number)
            started = time.monotonic()
            read.append((turn, read_cue(shot, style, work.models, turn.seed, delivery, words)))
            took += time.monotonic() - started
        except CodubError as error:
            work.fail(shot.cue.number, error)
    if read:
        _sound(read, took, work)
    report(1.0, f"cue {asked[-1][1].cue.number}: voice")


def _sound(read: Sequence[tuple[Turn, ReadCue]], took: float, work: Work) -> None:
    """Latent -> voice; to read the lines took so many seconds."""
    started = time.monotonic()
    speeches = say(work.models.voice.synthesizer, [cue.reading for _, cue in read])
    for (turn, cue), speech in zip(read, speeches, strict=True):
        try:
            _hear(turn, spoken_line(cue, speech), work)
        except CodubError as error:
            work.fail(cue.shot.cue.number, error)
    took += time.monotonic() - started
    work.rates.measured("voice", sum(float(cue.shot.window) for _, cue in read), took)


def _perform(shot: Shot, work: Work, report: Progress) -> Line:
    """Recording -> latent -> voice."""
    recording = work.recordings[shot.cue.number]
    into = work.voices.target(shot.voice, shot.cue.language, report) if work.request.convert else None
    return speak_recording(shot, recording, work.models, into, _words(shot, work))


def _hear(turn: Turn, line: Line, work: Work) -> None:
    """The line is there: it is told, and its picture can be made."""
    number = line.shot.cue.number
    work.notes.extend(f"Cue {number}: {note}" for note in line.notes)
    work.told(Heard(number, write_voice(line, work.models.profile, turn.folder)))
    turn.lines[number] = line


def _words(shot: Shot, work: Work) -> Words:
    return work.lexicon.of(shot.cue.language, shot.cue.number)


def _picture(turn: Turn, work: Work, report: Progress) -> dict[Address, ClipPicture]:
    """Latent -> face -> composite, for every clip of the scene that shows one of the lines."""
    made: dict[Address, ClipPicture] = {}
    lines = turn.lines
    jobs = [job for job in turn.scene.clips if any(cue.number in lines for cue in job.cues)]
    for order, job in enumerate(jobs):
        target = turn.folder / f"clip{order}.mp4"
        said = part_of(report, order / len(jobs), 1 / len(jobs), f"clip {job.clip.name}: ")
        tags = {"clip": job.clip.name, "cues": " ".join(str(cue.number) for cue in job.cues)}
        started = time.monotonic()
        try:
            shown = lines_in(job, lines, work)
            inspect = work.store.folder / "inspect" / picture_role(job.clip.address) if work.request.inspect else None
            made[job.clip.address] = picture_clip(job.clip, shown, work.models, target, tags, said, inspect)
            work.notes.extend(made[job.clip.address].doubts)
            work.rates.measured("picture", job.clip.frame_count, time.monotonic() - started)
        except CodubError as error:  # the voice is good: it is kept, and the picture's failure is said
            for cue in job.cues:
                if cue.number in lines:
                    work.fail(cue.number, error)
    return made


def _keep(line: Line, pictures: dict[Address, ClipPicture], seed: int, work: Work, folder: Path) -> TakeRecord:
    """The take, durable on the disk, chosen if the cue had none or was asked for anew."""
    scores: dict[str, float] = {}
    style = HUMAN
    cast: dict[str, Setting] = {}
    recording = work.recordings.get(line.shot.cue.number)
    request = work.request
    if recording is not None and request.recording is not None:
        performer = performer_of(request.recording, request.performer)
        cast |= recording_settings(recording, performer, converted=request.convert)
    if recording is None or request.convert:
        voice = line.shot.voice
        origin = work.voices.style(voice, lambda _fraction, _what: None).origin
        style = origin if recording is None else f"{HUMAN}, in the voice {origin}"
        cast |= work.voices.used(voice)
        likeness = work.voices.likeness(voice, Speech(line.placed.samples, line.placed.sample_rate))
        scores |= {} if likeness is None else {"secs": round(likeness, 4)}
    made = Made(
        work.models.profile,
        seed,
        style,
        scores,
        line.mouth,
        "" if recording is None else recording.name,
        cast,
        work.faces.cast.member(line.shot.voice).files,
        work.adapted.used(line.shot.voice),
    )
    record = keep_take(line, pictures, made, work.store, folder)
    return work.store.select(record.cue, record.take, record.language)
