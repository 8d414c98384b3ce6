"""The original sound without the lines that the dub replaces: what is left belongs to the programme."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from codub.dubbing.memory import media_key
from codub.files import replacing
from codub.media.audio import Samples, audio_blocks, write_wav
from codub.media.fading import kept_outside
from codub.media.probe import probe
from codub.timeline.placed import PlacedClip
from codub.timeline.spans import Spans
from codub.timing import DELIVERY_RATE


def write_bed(path: Path, clip: PlacedClip, silenced: Spans) -> None:
    """Write the clip's used part at 48 kHz, faded out in the `silenced` spans (timeline seconds), to the sample.

    A bed that was made of the same sound with the same spans is left as it is: of a programme's one long dialogue
    track nothing is written again when a line gets another take of the same length.

    Raises:
        MediaError: the sound cannot be read, or the file cannot be written.
    """
    path.parent.mkdir(exist_ok=True)
    made_of = _made_of(clip, silenced)
    mark = path.with_suffix(".made")
    if path.is_file() and mark.is_file() and mark.read_text(encoding="utf-8") == f"{made_of} {path.stat().st_size}":
        return
    mark.unlink(missing_ok=True)
    channels = min(2, probe(clip.media).require_audio().channels)
    blocks = audio_blocks(clip.media, clip.media_start, clip.duration, DELIVERY_RATE, channels)
    write_wav(path, _faded(blocks, clip, silenced), DELIVERY_RATE)
    with replacing(mark) as temporary:
        temporary.write_text(f"{made_of} {path.stat().st_size}", encoding="utf-8")


def check_bed(_path: Path, clip: PlacedClip, _silenced: Spans) -> None:
    """Find out whether `write_bed` would have sound to read, and write nothing.

    Raises:
        MediaError: the media cannot be read, or holds no sound.
    """
    probe(clip.media).require_audio()


def _made_of(clip: PlacedClip, silenced: Spans) -> str:
    """Name of the sound and the spans that a bed is made of."""
    spans = [(str(start - clip.start), str(end - clip.start)) for start, end in silenced]
    used = (*media_key(clip.media), str(clip.media_start), str(clip.duration), spans)
    return hashlib.sha256(repr(used).encode()).hexdigest()


def _faded(blocks: Iterator[Samples], clip: PlacedClip, silenced: Spans) -> Iterator[Samples]:
    spans = [(start - clip.start, end - clip.start) for start, end in silenced]
    first = 0
    for block in blocks:
        gain = kept_outside(spans, first, len(block), DELIVERY_RATE)
        yield block * (gain if block.ndim == 1 else gain[:, None])
        first += len(block)
