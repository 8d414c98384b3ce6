"""When a mouth belongs to a line: while the line is spoken, and while the original one was."""

from fractions import Fraction

from codub.dubbing.shots import Shot
from codub.media.audio import read_audio
from codub.speech.activity import speech_intervals
from codub.timeline.spans import Span
from codub.timing import SPEECH_RATE

MARGIN = Fraction(12, 100)  # s before and after: lips part before the sound and close after it
REACH = Fraction(8, 10)  # s round the cue in which the original line may begin or end: subtitles are timed for reading


def mouth_span(shot: Shot, at: Fraction, end: Fraction) -> Span:
    """Timeline seconds in which the cue's speaker shows the line's lips.

    The latent lasts from `at` to `end`; outside it, but while the original speaks, the mouth is shut.
    """
    low, high = min(shot.cue.start, at), max(shot.cue.end, end)
    for start, stop in _original_speech(shot):
        if start < shot.cue.end and stop > shot.cue.start:
            low, high = min(low, start), max(high, stop)
    return low - MARGIN, high + MARGIN


def _original_speech(shot: Shot) -> list[Span]:
    """Stretches of the original sound round the cue in which somebody speaks, in timeline seconds."""
    found: list[Span] = []
    for part in shot.audio_parts:
        clip = part.clip
        low, high = max(clip.start, shot.cue.start - REACH), min(clip.end, shot.cue.end + REACH)
        samples = read_audio(clip.media, clip.media_time(low), high - low, SPEECH_RATE)
        for interval in speech_intervals(samples):
            found.append((low + Fraction(interval.start), low + Fraction(interval.end)))
    return found
