"""What a dub is at work with: what every scene needs and what has come of it, a scene's take while it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codub.dubbing.cast.speaker_faces import SpeakerFaces
from codub.dubbing.consent import PERFORMED, VOICE, Consent, ConsentLedger
from codub.dubbing.events import Progress, Told
from codub.dubbing.latents import read_latent
from codub.dubbing.mouth import mouth_span
from codub.dubbing.opening import DubProject
from codub.dubbing.own_faces import AdaptedFaces
from codub.dubbing.pictures import LineInClip
from codub.dubbing.profile import Models
from codub.dubbing.rates import Rates
from codub.dubbing.record import LATENT, TakeRecord
from codub.dubbing.recordings import performer_of
from codub.dubbing.request import DubRequest, Failure
from codub.dubbing.scenes import Scene
from codub.dubbing.shots import ClipJob
from codub.dubbing.speak import Line
from codub.dubbing.takes import TakesStore
from codub.dubbing.voices import Voices
from codub.errors import CodubError
from codub.speech.lexicon import NO_LEXICON, Lexicon


@dataclass(frozen=True)
class Work:
    """What every scene needs, and what has come of the scenes so far."""

    request: DubRequest
    project: DubProject
    models: Models
    voices: Voices
    faces: SpeakerFaces
    adapted: AdaptedFaces
    store: TakesStore
    rates: Rates
    told: Told
    recordings: Mapping[int, Path] = field(default_factory=dict)
    lexicon: Lexicon = NO_LEXICON
    notes: list[str] = field(default_factory=list)
    takes: list[TakeRecord] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def fail(self, cue: int, error: CodubError) -> None:
        """A cue is not as it should be; the others go on."""
        self.failures.append(Failure(cue, error))
        self.told(self.failures[-1])

    def voice_seconds(self, scene: Scene) -> float:
        """How long a scene's voices are expected to take."""
        return self.rates.voice(sum(float(shot.window) for shot in scene.shots))

    def picture_seconds(self, scene: Scene) -> float:
        """How long a scene's pictures are expected to take."""
        return self.rates.picture(sum(job.clip.frame_count for job in scene.clips))


@dataclass(frozen=True)
class Turn:
    """One take of a scene's cues while it is made: from `seed`, in `folder`; `lines` are those that were spoken."""

    scene: Scene
    seed: int
    folder: Path
    lines: dict[int, Line] = field(default_factory=dict)


def lines_in(job: ClipJob, lines: dict[int, Line], work: Work) -> list[LineInClip]:
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
        face, own = work.faces.of(shot, job.clip), work.adapted.face(shot.voice)
        shown.append(LineInClip(cue.number, latent, at, mouth, sound, face, own))
    return shown


def require_consent(request: DubRequest, project: DubProject, folder: Path) -> None:
    """Declare and demand the consent of everybody whose voice or face is used, a recording's performer too.

    Raises:
        ConsentError: somebody's is missing.
    """
    ledger = ConsentLedger(folder, request.project.absolute().parent)
    speakers = [shot.voice for shot in project.plan.shots]
    if request.consent_by:
        ledger.declare(speakers, request.consent_by)
    ledger.require(*speakers)
    if request.recording is not None:
        performer = performer_of(request.recording, request.performer)
        if request.consent_by and ledger.missing([performer], (VOICE,)):
            ledger.record(Consent(performer, PERFORMED, request.consent_by, scope=(VOICE,)))
        ledger.require(performer, scope=(VOICE,))


def part_of(report: Progress, low: float, share: float, name: str = "") -> Progress:
    """Progress of a part, from `low` on for `share` of the whole; what it says stands behind `name`."""
    return lambda fraction, what: report(low + share * fraction, name + what)
