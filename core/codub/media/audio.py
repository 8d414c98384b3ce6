"""Sound: sample-exact reading at any rate, resampled by soxr; writing of WAV files. float32 in [-1, 1]."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.files import replacing
from codub.media.container import open_media
from codub.media.probe import AudioInfo, MediaInfo, probe
from codub.timing import DELIVERY_RATE, seconds_to_samples

if TYPE_CHECKING:
    from av import AudioFrame

Samples = NDArray[np.float32]  # (n,) mono, (n, channels) else

BLOCK_SECONDS = 10
_LEAD = Fraction(1, 2)  # s decoded and thrown away after a seek: fills decoder and resampler
# Share of each channel in a mono mix. A centre (dialogue) passes whole, a stereo pair is averaged, LFE is left out.
_MONO = {"FC": 1.0, "FL": 0.5, "FR": 0.5, "LFE": 0.0}
_SURROUND = 0.35
_USUAL = {2: ["FL", "FR"], 6: ["FL", "FR", "FC", "LFE", "BL", "BR"]}  # SMPTE order


def read_audio(
    path: Path | str,
    start: Fraction = Fraction(0),
    duration: Fraction | None = None,
    rate: int = DELIVERY_RATE,
    channels: int = 1,
) -> Samples:
    """Sound from `start` for `duration` seconds (to the end when None): `(n,)` mono, or `(n, 2)` with `channels=2`.

    Second 0 is the first frame of the picture, or the first sample of a file without one. n is `duration * rate` to
    the nearest sample; time outside the recording is silence. Piecewise reading gives the very samples of one reading.

    Raises:
        MediaError: no sound, a start behind its end, or a file that cannot be decoded.
    """
    return np.concatenate(list(audio_blocks(path, start, duration, rate, channels)))


def audio_blocks(
    path: Path | str,
    start: Fraction = Fraction(0),
    duration: Fraction | None = None,
    rate: int = DELIVERY_RATE,
    channels: int = 1,
) -> Iterator[Samples]:
    """What `read_audio` returns, in pieces of at most `BLOCK_SECONDS`, so that a long file needs little memory."""
    info = probe(path)
    audio = info.require_audio()
    end = audio.start - info.origin + audio.duration
    if start >= end and duration is None:
        raise MediaError(
            f"Sound from second {float(start):.3f} of '{path}' was asked for.",
            cause=f"It ends at {float(end):.3f} s.",
            fix="Trim the clip to its media, or relink it.",
        )
    first = seconds_to_samples(start, rate)
    count = seconds_to_samples(end - start if duration is None else duration, rate)
    yield from _exactly(_resampled(path, info, audio, first, rate, channels), first, count, rate, channels)


def write_wav(
    path: Path | str,
    samples: Samples | Iterable[Samples],
    rate: int = DELIVERY_RATE,
    subtype: str = "PCM_24",
    comment: str = "",
) -> int:
    """Write samples, or blocks of them, as WAV; returns how many. Values beyond [-1, 1] are clipped.

    Raises:
        MediaError: no block, values that are not finite, or a folder that cannot be written. Then no file is left.
    """
    import soundfile

    blocks = iter([samples] if isinstance(samples, np.ndarray) else samples)
    first = next(blocks, None)
    if first is None:
        raise MediaError(f"'{path}' was given no sound.", fix="Report this: a sound always has a length.")
    channels, written = (1 if first.ndim == 1 else first.shape[1]), 0
    try:
        with (
            replacing(Path(path).absolute()) as temporary,
            soundfile.SoundFile(temporary, "w", rate, channels, subtype, format="WAV") as file,
        ):
            if comment:
                file.comment = comment
            for block in _chain(first, blocks):
                if not np.isfinite(block).all():
                    raise MediaError(f"The sound of '{path}' is not a number at places.", fix="Generate it again.")
                file.write(np.clip(block, -1, 1))
                written += len(block)
            file.close()
    except (OSError, soundfile.SoundFileError) as error:
        raise MediaError(
            f"'{path}' could not be written.",
            cause=f"{error}.",
            fix="Check free space and rights of the folder.",
        ) from error
    return written


def _chain(first: Samples, rest: Iterator[Samples]) -> Iterator[Samples]:
    yield first
    yield from rest


def _exactly(
    pieces: Iterator[tuple[int, Samples]], first: int, count: int, rate: int, channels: int
) -> Iterator[Samples]:
    """Samples `first` to `first + count` of the numbered `pieces`, in blocks; silence where there are none."""
    size, done = BLOCK_SECONDS * rate, 0
    number, piece = next(pieces, (0, None))
    while done < count:
        block = np.zeros((min(size, count - done), channels), np.float32)
        begin = first + done
        while piece is not None and number < begin + len(block):
            low, high = max(number, begin), min(number + len(piece), begin + len(block))
            if low < high:
                block[low - begin : high - begin] = piece[low - number : high - number]
            if number + len(piece) > begin + len(block):
                break
            number, piece = next(pieces, (0, None))
        done += len(block)
        yield block[:, 0] if channels == 1 else block
    if not count:
        yield np.zeros((0,) if channels == 1 else (0, channels), np.float32)


def _resampled(
    path: Path | str, info: MediaInfo, audio: AudioInfo, first: int, rate: int, channels: int
) -> Iterator[tuple[int, Samples]]:
    """Numbered pieces `(first sample's number, (n, channels))` at `rate`, from at or before sample `first`."""
    import soxr

    with open_media(path) as container:
        native = _decoded(container, info, audio, max(Fraction(0), Fraction(first, rate) - _LEAD), channels)
        if audio.rate == rate:
            yield from native
            return
        # Both rates' grids meet every `common`-th of a second: the output grid starts at such a point, so that any
        # start gives the samples of the whole file's resampling.
        common = gcd(audio.rate, rate)
        step_in, step_out = audio.rate // common, rate // common
        stream = soxr.ResampleStream(audio.rate, rate, channels, "float32", quality="VHQ")
        number: int | None = None
        expected = 0
        for start, piece in native:
            if number is None:
                meeting = start // step_in
                number, expected = meeting * step_out, meeting * step_in
            if start > expected:
                piece = np.concatenate([np.zeros((start - expected, channels), np.float32), piece])
            elif start < expected:
                piece = piece[expected - start :]
            expected += len(piece)
            out = stream.resample_chunk(np.ascontiguousarray(piece)).reshape(-1, channels)
            yield number, out
            number += len(out)
        if number is not None:
            tail = stream.resample_chunk(np.zeros((0, channels), np.float32), last=True)
            yield number, tail.reshape(-1, channels)


def _decoded(
    container: Any, info: MediaInfo, audio: AudioInfo, start: Fraction, channels: int
) -> Iterator[tuple[int, Samples]]:
    """Numbered pieces at the file's own rate, from at or before `start` seconds; sample 0 is at the clip's second 0."""
    stream = container.streams.audio[0]
    tick = Fraction(stream.time_base)
    # Where a tick is longer than a sample, a timestamp after a seek cannot name its sample: count from the beginning.
    if start > 0 and tick * audio.rate <= 1:
        container.seek(int((info.origin + start - _LEAD) / tick), stream=stream, backward=True)
    number: int | None = None
    for frame in container.decode(stream):
        stated = number
        if frame.pts is not None:
            stated = seconds_to_samples(frame.pts * Fraction(frame.time_base) - info.origin, audio.rate)
        if stated is None:
            continue
        # Within 2 ms the count is truer than a rounded timestamp; beyond, the recording has a gap.
        if number is None or abs(stated - number) > audio.rate // 500:
            number = stated
        samples = _mix_channels(frame, channels)
        yield number, samples
        number += len(samples)


def _mix_channels(frame: "AudioFrame", channels: int) -> Samples:
    """A decoded frame as float32 `(n, channels)`."""
    values = frame.to_ndarray()
    if values.dtype.kind in "iu":
        half = 2.0 ** (8 * values.dtype.itemsize - 1)
        values = (values.astype(np.float64) - (half if values.dtype.kind == "u" else 0)) / half
    count = frame.layout.nb_channels
    planes = values if frame.format.is_planar else values.reshape(-1, count).T
    planes = planes.astype(np.float32, copy=False)
    if count == 1:
        return np.repeat(planes.T, channels, axis=1)
    if channels == 2 and count == 2:
        return np.ascontiguousarray(planes.T)
    names = [channel.name for channel in frame.layout.channels]
    if not set(names) & set(_MONO):  # a file that does not say which channel is which
        names = _USUAL.get(count, ["FC"] * count)
    if channels == 1:
        shares = np.array([[_MONO.get(n, _SURROUND) for n in names]], np.float32)
        if set(names) == {"FC"}:
            shares /= count
    else:
        shares = np.array([[_side(n, own) for n in names] for own in ("L", "R")], np.float32)
    return np.ascontiguousarray((shares @ planes).T)


def _side(name: str, own: str) -> float:
    """Share of a channel in one side of a stereo mix (ITU-R BS.775: centre and surrounds at -3 dB, no LFE)."""
    if name == f"F{own}":
        return 1.0
    if name == "LFE":
        return 0.0
    if name in ("FC", "BC"):
        return 0.7071
    return 0.7071 if name.endswith(own) else 0.0
