"""What a speaker's voice is taken from: all lines of that speaker, the lines chosen, or a recording."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from codub.dubbing.cast.casting import CastError, Member
from codub.dubbing.shots import AudioPart, Plan
from codub.errors import CodubError, CueError
from codub.media.audio import read_audio
from codub.speech.reference import LineSound, VoiceReference, voice_reference
from codub.timing import SPEECH_RATE


def speaker_reference(plan: Plan, member: Member) -> VoiceReference:
    """The clearest seconds of what the cast says the voice is taken from; its sources are named "cue 4" or by file.

    Raises:
        CastError: the cast names a line that this speaker does not say.
        CueError: there is no usable sound.
        MediaError: the recording cannot be read.
    """
    return voice_reference(_sounds(plan, member), member.speaker or "the speaker")


def described(member: Member) -> str:
    """What the voice is taken from, in words: for reports and a take's record."""
    if member.voice:
        return f"the voice {member.voice}"
    if member.recording:
        return f"recording {Path(member.recording).name}"
    if member.cues:
        return f"cue{'s' if len(member.cues) > 1 else ''} {', '.join(map(str, member.cues))}"
    return "all lines"


def _sounds(plan: Plan, member: Member) -> Iterable[LineSound]:
    if member.recording:
        recording = Path(member.recording)
        return [LineSound(recording.name, read_audio(recording, rate=SPEECH_RATE))]
    parts = plan.references.get(member.speaker, ())
    if not parts:
        raise CueError(
            f"There is no original sound of {member.speaker or 'the speaker'}.",
            cause="No audio clip lies under that speaker's lines.",
            fix="Put the original dialogue on an audio track of the timeline.",
        )
    heard = {part.cue for part in parts}
    if strangers := [cue for cue in member.cues if cue not in heard]:
        raise CastError(
            f"Cue {strangers[0]} cannot be the voice reference of '{member.speaker}'.",
            cause="It is no line of that speaker, or no original sound lies under it alone.",
            fix=f"Choose among cues {', '.join(map(str, sorted(heard)))}, or take all: codub cast voice --auto",
        )
    return _read(part for part in parts if not member.cues or part.cue in member.cues)


def _read(parts: Iterable[AudioPart]) -> Iterator[LineSound]:
    for part in parts:
        try:
            samples = read_audio(part.media, part.start, part.duration, SPEECH_RATE)
        except CodubError:
            continue  # the cue over this clip reports it; another clip may hold the voice
        yield LineSound(f"cue {part.cue}", samples)
