"""The dubbed master: the picture with its takes and the mix in one file, exactly as long as the original."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from codub.errors import MediaError
from codub.export.mix import Mix, MixReport, write_mix
from codub.export.programme import Segment, frames_of, length, picture_like
from codub.media.encode import CODECS, mux, write_video
from codub.media.loudness import PROGRAMME_TARGET, TRUE_PEAK_CEILING
from codub.media.provenance import picture_tags
from codub.media.video import Frame

Progress = Callable[[float, str], None]

_PICTURE_SHARE, _SOUND_SHARE = 0.85, 0.95  # of the progress


@dataclass(frozen=True)
class Master:
    """What the master holds. `codec`: "prores" (422 HQ, .mov), "dnxhr" (HQX, .mov) or "h264" (.mp4).

    `loudness` in LUFS, None to leave the mix as loud as it is; `ceiling` in dBTP.
    """

    pictures: tuple[Segment, ...]
    mix: Mix
    codec: str = "prores"
    loudness: float | None = PROGRAMME_TARGET
    ceiling: float = TRUE_PEAK_CEILING


@dataclass(frozen=True)
class MasterReport:
    """What was written: `frames` pictures at `rate`, and the sound's loudness."""

    path: Path
    frames: int
    rate: Fraction
    sound: MixReport


def render_master(path: Path | str, master: Master, progress: Progress = lambda _fraction, _what: None) -> MasterReport:
    """Write the master; picture length is the segments', sound length is the picture's, to the sample (48 kHz, 24 bit).

    Pictures and sound stream; `.mov` keeps PCM, `.mp4` takes AAC. The file is marked as generated.

    Raises:
        MediaError: an unknown codec, media that cannot be read or fitted, or a file that cannot be written.
    """
    target = Path(path).absolute()
    codec = CODECS.get(master.codec)
    if codec is None:
        raise MediaError(f"There is no codec '{master.codec}'.", fix=f"Choose one of {', '.join(sorted(CODECS))}.")
    like, count = picture_like(master.pictures), length(master.pictures)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.stem}-", dir=target.parent) as folder:
        picture, sound = Path(folder) / f"picture{codec.suffix}", Path(folder) / "sound.wav"
        frames = counted(frames_of(master.pictures, like), count, progress, (0.0, _PICTURE_SHARE))
        write_video(picture, frames, like, count, codec)
        report = write_mix(
            sound,
            exactly_as_long(master.mix, count / like.rate),
            master.loudness,
            master.ceiling,
            lambda done, what: progress(_PICTURE_SHARE + done * (_SOUND_SHARE - _PICTURE_SHARE), what),
        )
        mux(target, picture, sound, picture_tags())
    progress(1.0, "master written")
    return MasterReport(target, count, like.rate, report)


def exactly_as_long(mix: Mix, duration: Fraction) -> Mix:
    """The mix cut, or continued in silence, to the picture's length."""
    return Mix(duration, mix.bed, mix.original, mix.lines, mix.replaced, mix.ducked)


def counted(frames: Iterator[Frame], count: int, progress: Progress, part: tuple[float, float]) -> Iterator[Frame]:
    """The frames, reporting every second or so how far they are, from the first to the second number of `part`."""
    for number, frame in enumerate(frames, 1):
        yield frame
        if number % 25 == 0 or number == count:
            progress(part[0] + (part[1] - part[0]) * number / max(1, count), "writing the picture")
