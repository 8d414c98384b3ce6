"""The cast as the panel shows and decides it, without Qt: speakers, their voices and mouths, the face of a line."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from codub.dubbing.adapted import forget_adapted
from codub.dubbing.cast.casting import Cast, FaceChoice, FramePick, Member, write_cast
from codub.dubbing.cast.clip_faces import ClipFaces, clip_stem, known_clip_faces
from codub.dubbing.cast.mouth_pictures import ReferenceRow, reference_rows
from codub.dubbing.cast.people import CastEntry
from codub.dubbing.cast.project import CastProject, open_cast
from codub.dubbing.cast.voice_card import card_sound
from codub.dubbing.consent import Consent
from codub.dubbing.request import DubRequest
from codub.dubbing.shots import ClipJob, Shot
from codub.errors import CodubError
from codub_panel.project.history import Change
from codub_panel.project.session import PanelSession

# Clips of one speaker whose pictures are listed: who wants another one's replaces a frame of these, for all clips.
MOST_CLIPS = 24
ADAPT = "adapt"  # a command of its own
_RUN_CODUB = "from codub.cli.main import main; main()"


@dataclass(frozen=True)
class LineInClip:
    """A line in one of its clips: what was found there (None: nobody looked yet), and what somebody chose."""

    job: ClipJob
    shot: Shot
    found: ClipFaces | None
    told: tuple[FaceChoice, ...]

    @property
    def middle(self) -> int:
        """Frame of the media in the middle of what the line shows."""
        part = next(part for part in self.shot.parts if part.clip.address == self.job.clip.address)
        return part.first_frame + part.frame_count // 2


class CastModel:
    """What the cast's dock shows; every decision goes through the session's history and is told to the watchers."""

    def __init__(self, session: PanelSession) -> None:
        self.session = session
        self.entries: tuple[CastEntry, ...] = ()
        self.problem: CodubError | None = None
        self.current = ""
        self._project: CastProject | None = None
        self._read = ""  # fingerprint of the lines that the project was read with
        self._known: dict[str, ClipFaces] = {}
        self._watchers: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[], None]) -> None:
        """Tell `watcher` of every change from now on."""
        self._watchers.append(watcher)

    def load(self) -> None:
        """Read the project anew, with the lines as they are edited now; what is wrong is in `problem`."""
        job, lines = self.session.job, self.session.spoken_lines()
        try:
            self._read = _fingerprint(lines)
            request = DubRequest(
                job.project,
                lines,
                job.output,
                language=job.language,
                source_lines=job.source_lines,
                profile=job.profile,
            )
            self._project = open_cast(request)
        except CodubError as error:
            self._project, self.problem, self.entries = None, error, ()
            self._tell()
            return
        self.refresh()

    def keep_up(self) -> None:
        """Read the project if it was not read yet, or if lines were edited since."""
        if self._project is None or _fingerprint(self.session.spoken_lines()) != self._read:
            self.load()

    def refresh(self) -> None:
        """Take in what workers, or others, have decided and found."""
        if self._project is None:
            return
        try:
            self.entries, self.problem = self._project.entries(), None
        except CodubError as error:
            self.entries, self.problem = (), error
        if self.entry(self.current) is None:
            self.current = self.entries[0].member.speaker if self.entries else ""
        self._tell()

    # What is shown

    @property
    def loaded(self) -> bool:
        """Whether the project was read."""
        return self._project is not None

    @property
    def project(self) -> CastProject:
        """The open project; only once it was read."""
        assert self._project is not None, "the project was not read"
        return self._project

    @property
    def cast(self) -> Cast:
        """The cast as it is kept now."""
        return self.project.cast

    def entry(self, speaker: str) -> CastEntry | None:
        """What is known of a speaker; None for somebody who does not speak."""
        return next((entry for entry in self.entries if entry.member.speaker == speaker), None)

    def choose(self, speaker: str) -> None:
        """Have a speaker in hand."""
        if speaker != self.current:
            self.current = speaker
            self._tell()

    def shots(self, speaker: str) -> tuple[Shot, ...]:
        """The lines of a speaker."""
        return tuple(shot for shot in self.project.project.plan.shots if shot.voice == speaker)

    def sound(self, name: str) -> Path:
        """A sound of a voice's card."""
        return card_sound(self.project.folder, name)

    def mouths(self, speaker: str) -> tuple[ReferenceRow, ...]:
        """The pictures a speaker's mouth is made of in each clip, as far as somebody looked."""
        jobs = self.clips(speaker)[:MOST_CLIPS]
        others = [job for job in self.project.project.plan.clips[:MOST_CLIPS] if job not in jobs]
        found = [one for job in (*jobs, *others) if (one := self.found(job)) is not None]  # others may be mistaken
        return tuple(row for row in reference_rows(found, self.cast, self.project.folder) if row.speaker == speaker)

    def clips(self, speaker: str) -> tuple[ClipJob, ...]:
        """The clips in which a speaker speaks."""
        jobs = self.project.project.plan.clips
        return tuple(job for job in jobs if any(shot.voice == speaker for shot in job.shots))

    def line(self, cue: int) -> tuple[LineInClip, ...]:
        """A line in each of its clips."""
        cast, found = self.cast, []
        for job in self.project.project.plan.clips:
            for shot in job.shots:
                if shot.cue.number == cue:
                    found.append(LineInClip(job, shot, self.found(job), cast.told(cue, job.clip)))
        return tuple(found)

    def found(self, job: ClipJob) -> ClipFaces | None:
        """The faces found in a clip, None where nobody looked yet."""
        cast = self.cast
        stem = clip_stem(job, cast)
        if stem not in self._known:
            read = known_clip_faces(self.project.folder, job, cast)
            if read is None:
                return None
            self._known[stem] = read  # the same name is the same content
        return self._known[stem]

    # What is decided

    def set_cues(self, speaker: str, cues: tuple[int, ...]) -> None:
        """Take a voice from these lines; from all of them for ()."""
        every = tuple(shot.cue.number for shot in self.shots(speaker))
        member = replace(self.cast.member(speaker), cues=() if set(cues) == set(every) else cues, recording="")
        self._keep(f"reference of {speaker}", member)

    def set_recording(self, speaker: str, recording: Path) -> None:
        """Take a voice from a sound file."""
        self._keep(
            f"reference of {speaker}",
            replace(self.cast.member(speaker), cues=(), recording=str(recording.absolute())),
        )

    def set_limit(self, speaker: str, seconds: float) -> None:
        """Fit a voice within so many seconds."""
        limit = None if seconds == self.project.profile.fit_seconds else seconds
        self._keep(f"fit of {speaker}", replace(self.cast.member(speaker), fit_seconds=limit))

    def rename(self, speaker: str, name: str) -> None:
        """Show another name."""
        name = " ".join(name.split())
        shown = "" if name == speaker else name
        self._keep(f"name of {speaker}", replace(self.cast.member(speaker), name=shown))

    def set_mouth(self, speaker: str, kind: str, pick: FramePick | None) -> None:
        """Make a kind of mouth of a frame; None: of each clip's own."""
        self._keep(f"{kind} mouth of {speaker}", self.cast.member(speaker).with_pick(kind, pick))

    def set_identity(self, speaker: str, picks: tuple[FramePick, ...]) -> None:
        """Make the whole mouth of these pictures; (): of each clip's own frames, and forget single ones too."""
        member = self.cast.member(speaker)
        member = replace(member, identity=picks) if picks else member.without_pictures()
        self._keep(f"pictures of {speaker}", member)

    def set_face(self, line: LineInClip, frame: int, at: tuple[float, float] | None) -> None:
        """Let the face at a place of a frame (of the media) say a line in a clip; nobody for None."""
        choice = FaceChoice(line.shot.cue.number, str(line.job.clip.media.absolute()), frame, at)
        self._change(f"face of line {choice.cue}", self.cast.with_face(choice, line.job.clip))

    def find_face(self, line: LineInClip) -> None:
        """Let the speaker of a line in a clip be found."""
        number = line.shot.cue.number
        self._change(f"face of line {number}", self.cast.without_face(number, line.job.clip))

    def forget_face(self, speaker: str) -> None:
        """Let the face that was fitted to a speaker go."""
        forget_adapted(self.project.folder, speaker)
        self.refresh()

    def record_consent(self, consent: Consent) -> None:
        """Keep a statement; it stays, and a newer one counts instead."""
        self.project.ledger.record(consent)
        self.refresh()

    def _keep(self, name: str, member: Member) -> None:
        self._change(name, self.cast.with_member(member))

    def _change(self, name: str, after: Cast) -> None:
        before = self.cast
        if after != before:
            self.session.history.do(Change(name, lambda: self._put(after), lambda: self._put(before)))

    def _put(self, cast: Cast) -> None:
        write_cast(self.project.folder, cast)
        self.refresh()

    # What a worker does

    def command(self, verb: str, *arguments: str) -> list[str]:
        """The command line of `codub cast VERB`, or of `codub adapt`, for this project."""
        self.keep_up()
        request = self.project.request
        command = [sys.executable, "-c", _RUN_CODUB, *([] if verb == ADAPT else ["cast"]), verb]
        command += [str(request.project), "--lines", str(request.lines)]
        command += ["-o", str(request.output), "--progress-json"]
        if request.language:
            command += ["--language", request.language]
        if request.source_lines is not None:
            command += ["--source-lines", str(request.source_lines)]
        return [*command, *arguments]

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher()


def _fingerprint(lines: Path) -> str:
    return sha256(lines.read_bytes()).hexdigest() if lines.is_file() else ""
