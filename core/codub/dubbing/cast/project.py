"""A project and its cast: who speaks, and what somebody decides about them."""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codub.dubbing.cast.casting import Cast, CastError, FaceChoice, FramePick, Member, change_cast, read_cast
from codub.dubbing.cast.people import CastEntry, cast_list, cast_report
from codub.dubbing.consent import ConsentLedger
from codub.dubbing.opening import DubProject, open_project
from codub.dubbing.profile import Profile, load_profile
from codub.dubbing.request import DubRequest
from codub.dubbing.takes import takes_folder
from codub.timeline.placed import PlacedClip

_PICK = re.compile(r"(?P<media>.+?)(?:@(?P<frame>\d+)(?:@(?P<at>[^@]+))?)?")


@dataclass(frozen=True)
class CastProject:
    """An open project and its takes folder; the cast is read anew each time, others may write it."""

    request: DubRequest
    project: DubProject
    profile: Profile

    @property
    def folder(self) -> Path:
        """The takes folder."""
        return takes_folder(self.request.output)

    @property
    def cast(self) -> Cast:
        """The cast as it is now."""
        return read_cast(self.folder)

    @property
    def ledger(self) -> ConsentLedger:
        """Who agreed to be dubbed."""
        return ConsentLedger(self.folder, self.request.project.absolute().parent)

    def entries(self) -> tuple[CastEntry, ...]:
        """Everybody who speaks."""
        return cast_list(self.project.plan, self.cast, self.ledger, self.folder, self.profile)

    def report(self, *speakers: str) -> str:
        """The cast as text; of some speakers only, where any are named."""
        names = [self.speaker(name) for name in speakers]
        entries = [entry for entry in self.entries() if not names or entry.member.speaker in names]
        return cast_report(entries, Cast() if names else self.cast)

    def speaker(self, name: str) -> str:
        """The speaker of that name; capitals do not matter, and the name shown does as well.

        Raises:
            CastError: nobody of that name speaks.
        """
        known = {entry.member.speaker: entry.member.shown for entry in self.entries()}
        for speaker, shown in known.items():
            if name.casefold() in (speaker.casefold(), shown.casefold()):
                return speaker
        raise CastError(f"Nobody called '{name}' speaks.", fix=f"There are: {', '.join(known)}.")

    # Deciding

    def set_voice(
        self,
        name: str,
        *,
        cues: Sequence[int] | None = None,
        recording: Path | None = None,
        fit_seconds: float | None = None,
        voice: str | None = None,
        shown: str | None = None,
        auto: bool = False,
    ) -> Member:
        """Decide what a voice is taken from; what is not named stays, unless `auto`.

        Raises:
            CastError: a line of somebody else, two references at once, or a voice that the profile has not.
            UsageError: `voice` names none.
        """
        speaker = self.speaker(name)
        member = self.cast.member(speaker)
        if auto:
            member = dataclasses.replace(member, cues=(), recording="", fit_seconds=None, voice="")
        if cues:
            own = next(entry.cues for entry in self.entries() if entry.member.speaker == speaker)
            if strangers := sorted(set(cues) - set(own)):
                raise CastError(
                    f"Cue {strangers[0]} is no line of '{speaker}'.",
                    fix=f"These are: {', '.join(map(str, own))}.",
                )
            member = dataclasses.replace(member, cues=tuple(sorted(set(cues))), recording="", voice="")
        if recording is not None:
            if not recording.is_file():
                raise CastError(f"The recording '{recording}' does not exist.")
            kept = member.cues if cues else ()
            member = dataclasses.replace(member, recording=str(recording.absolute()), cues=kept, voice="")
        if voice is not None:
            member = dataclasses.replace(member, voice=self._known_voice(voice))
        if fit_seconds is not None:
            member = dataclasses.replace(member, fit_seconds=fit_seconds)
        if shown is not None:
            member = dataclasses.replace(member, name="" if shown == speaker else shown)
        return self.keep(member)

    def _known_voice(self, name: str) -> str:
        if not self.profile.fits_voices:
            raise CastError(f"The profile '{self.profile.name}' has no named voices.", fix="Leave --voice out.")
        from codub.speech.kokoro.chosen_voices import chosen_style

        chosen_style(name)
        return name

    def pick(self, text: str) -> FramePick:
        """A frame written as `MEDIA@FRAME@X,Y`; media is a file, or the name of one that the timeline uses.

        Raises:
            CastError: it cannot be understood, or there is no such media.
        """
        written = _PICK.fullmatch(text)
        assert written is not None, "the pattern takes everything but nothing"
        media = Path(written["media"])
        if not media.is_file():
            used = {clip.media.name: clip.media for clip in self.project.plan.placement.of_kind("video")}
            if media.name not in used:
                raise CastError(
                    f"There is no media '{media}'.", fix=f"Name a file, or one of: {', '.join(sorted(used))}."
                )
            media = used[media.name]
        at = None if written["at"] is None else place(written["at"])
        return FramePick(str(media.absolute()), int(written["frame"] or 0), at)

    def set_face(
        self,
        cue: int,
        at: tuple[float, float] | None,
        *,
        clip: str | None = None,
        frame: int | None = None,
        auto: bool = False,
    ) -> Cast:
        """Decide which face says a line: the one at a place, nobody (`at` None), or the one that is found (`auto`).

        Without a clip's name it holds for every clip of the line; without a frame (of the clip's media) the place is
        looked at in the middle of what the line shows.

        Raises:
            CastError: the line shows no such clip, or the clip no such frame.
        """

        def change(cast: Cast) -> Cast:
            for shown, middle in self.clips(cue, clip):
                number = middle if frame is None else frame
                choice = FaceChoice(cue, str(shown.media.absolute()), number, at)
                if not choice.holds_for(shown):
                    raise CastError(
                        f"Clip '{shown.name}' does not show frame {number}.",
                        fix=f"Its frames are {shown.first_frame} to {shown.first_frame + shown.frame_count - 1}.",
                    )
                cast = cast.without_face(cue, shown) if auto else cast.with_face(choice, shown)
            return cast

        return change_cast(self.folder, change)

    def clips(self, cue: int, name: str | None) -> list[tuple[PlacedClip, int]]:
        """The clips that show a line, with the middle frame of what it shows."""
        shots = [shot for shot in self.project.plan.shots if shot.cue.number == cue]
        parts = [part for shot in shots for part in shot.parts if name in (None, part.clip.name)]
        if not parts:
            known = ", ".join(part.clip.name for shot in shots for part in shot.parts) or "none: it has no picture"
            where = f" in clip '{name}'" if name else ""
            raise CastError(f"Cue {cue} is not seen{where}.", fix=f"Its clips are {known}.")
        return [(part.clip, part.first_frame + part.frame_count // 2) for part in parts]

    def keep(self, member: Member) -> Member:
        """Decide all about one speaker at once."""
        change_cast(self.folder, lambda cast: cast.with_member(member))
        return member


def open_cast(request: DubRequest) -> CastProject:
    """The project of a request, with all its lines, ready for its cast.

    Raises:
        CodubError: the project or its lines cannot be read.
    """
    request = dataclasses.replace(request, cues=())
    request.check()
    return CastProject(request, open_project(request), load_profile(request.profile))


def place(text: str) -> tuple[float, float]:
    """A place in a picture, written as `X,Y` in shares of its width and height.

    Raises:
        CastError: it is not written so.
    """
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError as error:
        raise CastError(
            f"'{text}' is no place in a picture.",
            fix="Write x and y as shares of the picture's width and height, such as 0.42,0.30.",
        ) from error
    return x, y
