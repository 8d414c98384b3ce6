"""A project's cast at work: voices listened to and fitted, faces looked for, in however long that takes."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from codub.dubbing.cast.casting import Member
from codub.dubbing.cast.project import CastProject
from codub.dubbing.consent import VOICE
from codub.dubbing.needs import require_weights
from codub.dubbing.profile import Models
from codub.dubbing.shots import ClipJob
from codub.errors import CodubError

if TYPE_CHECKING:
    from codub.dubbing.cast.clip_faces import ClipFaces
    from codub.dubbing.cast.listen import Listener
    from codub.dubbing.cast.mouth_pictures import ReferenceRow

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class CastWork:
    """What `codub cast` and the panel's workers do for a project."""

    project: CastProject

    @cached_property
    def models(self) -> Models:
        """The profile's models, loaded when they are needed."""
        return Models(self.project.profile)

    def set_frames(
        self, name: str, kinds: Mapping[str, str | None], stills: Sequence[str] = (), *, auto: bool = False
    ) -> Member:
        """Decide which frames a mouth is made of, each written as `MEDIA@FRAME@X,Y`; the face is looked for at once.

        Raises:
            CastError: a place that cannot be understood.
            MediaError: the frame cannot be read or shows no face there.
        """
        member = self.project.cast.member(self.project.speaker(name))
        if auto:
            member = member.without_pictures()
        for kind, text in kinds.items():
            if text is not None:
                member = member.with_pick(kind, self.project.pick(text))
        if stills:
            member = dataclasses.replace(member, identity=tuple(self.project.pick(text) for text in stills))
        self._look_at_stills(member)
        return self.project.keep(member)

    def listen(self, names: Sequence[str], progress: Progress) -> None:
        """Listen to the references of these speakers, or of all; what nobody can hear of is an error at the end.

        Raises:
            CodubError: there is no usable sound of a speaker; the others' cards are kept.
        """
        listener = self._listener()
        errors: list[CodubError] = []
        for done, speaker in self._each(names, listener.speakers):
            progress(done, f"listening to {speaker}")
            try:
                listener.listen(speaker)
            except CodubError as error:
                errors.append(error)
        progress(1.0, "listened")
        _raise(errors)

    def refit(self, names: Sequence[str], progress: Progress) -> None:
        """Fit the voices of these speakers, or of all, and speak a sample in each.

        Raises:
            ConsentError: nobody declared that one of them agreed; nothing was generated.
            CodubError: as `listen`.
        """
        require_weights(self.project.profile)
        listener = self._listener()
        speakers = [self.project.speaker(name) for name in names] or list(listener.speakers)
        self.project.ledger.require(*speakers, scope=(VOICE,))
        for number, speaker in enumerate(speakers):
            listener.refit(speaker, self.project.ledger, _part(progress, number, len(speakers)))

    def look(self, cues: Sequence[int], progress: Progress) -> tuple["ReferenceRow", ...]:
        """Look for the faces of the clips of these lines, or of all; the references of each speaker in each clip.

        Raises:
            CodubError: a clip's media is missing or does not decode, or a chosen frame shows no face.
        """
        from codub.dubbing.cast.mouth_pictures import reference_rows

        for member in self.project.cast.members:
            self._look_at_stills(member)
        return reference_rows(self._found(cues, progress), self.project.cast, self.project.folder)

    def faces_report(self, cue: int, progress: Progress) -> str:
        """The faces of a line's clips as text: where they are, which of them is taken for the speaker, and why."""
        lines = []
        for found, job in zip(self._found((cue,), progress), self._jobs((cue,)), strict=True):
            told = self.project.cast.told(cue, job.clip)
            speaking = found.speaking(cue, told)
            frame = next(middle for shown, middle in self.project.clips(cue, None) if shown.address == job.clip.address)
            lines.append(f"cue {cue} in {found.clip}, frame {frame} of {Path(found.media).name}:")
            for box in found.boxes(frame):
                x, y = box.middle
                chosen = speaking.get(box.identity)
                why = chosen or ("nobody, as chosen" if told and not speaking else found.reason(cue, box.identity))
                lines.append(f"  {'*' if chosen else ' '} face at {x:.2f},{y:.2f}: {why}")
            if not found.boxes(frame):
                lines.append("    no face")
        return "\n".join(lines)

    def _found(self, cues: Sequence[int], progress: Progress) -> list["ClipFaces"]:
        from codub.dubbing.cast.look import look_at_clip
        from codub.dubbing.cast.speaker_faces import SpeakerFaces

        speakers = SpeakerFaces(self.project.cast, self.project.project.plan, self.models)
        jobs, found = self._jobs(cues), []
        errors: list[CodubError] = []
        for number, job in enumerate(jobs):
            report = _part(progress, number, len(jobs), f"{job.clip.name}: ")
            try:
                found.append(look_at_clip(job, speakers, self.project.folder, report))
            except CodubError as error:
                errors.append(error)
        _raise(errors)
        return found

    def _jobs(self, cues: Sequence[int]) -> list[ClipJob]:
        jobs = self.project.project.plan.clips
        return [job for job in jobs if not cues or any(shot.cue.number in cues for shot in job.shots)]

    def _look_at_stills(self, member: Member) -> None:
        from codub.dubbing.cast.look import look_at_still

        for pick in (*member.identity, *member.picks.values()):
            look_at_still(pick, self.models, self.project.folder)

    def _listener(self) -> "Listener":
        from codub.dubbing.cast.listen import Listener

        return Listener(self.project.project.plan, self.project.cast, self.models, self.project.folder)

    def _each(self, names: Sequence[str], everybody: Sequence[str]) -> Iterator[tuple[float, str]]:
        speakers = [self.project.speaker(name) for name in names] or list(everybody)
        for number, speaker in enumerate(speakers):
            yield number / len(speakers), speaker


def _raise(errors: Sequence[CodubError]) -> None:
    """What failed, at the end, so that it costs nothing else."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise CodubError(" ".join(error.message for error in errors), cause=errors[0].cause, fix=errors[0].fix)


def _part(report: Progress, number: int, count: int, name: str = "") -> Progress:
    return lambda fraction, what: report((number + fraction) / count, name + what)
