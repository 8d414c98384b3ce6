"""All that the sound view draws of a line, read and measured away from the interface."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from codub.dubbing.record import TakeRecord, given_durations
from codub.dubbing.takes import TakesStore
from codub.errors import CodubError
from codub.media.loudness import momentary_levels, speech_level
from codub.timing import DELIVERY_RATE
from codub_panel.sound.take_sounds import TakeSounds, symbols_of, take_sounds
from codub_panel.sound.waveform import Pyramid
from codub_panel.viewing.footage import Reel, Stretch
from codub_panel.viewing.soundtrack import Soundtrack, read_soundtrack

if TYPE_CHECKING:
    from pathlib import Path

LEVELS_A_SECOND = 10
FIRST_LEVEL = 0.2  # s: the first momentary value is that of 0 to 0.4 s and stands in its middle


@dataclass(frozen=True)
class Wave:
    """One sound: its samples at 48 kHz, momentary loudness in LUFS ten times a second, and the line's own loudness."""

    label: str
    pyramid: Pyramid
    levels: NDArray[np.float32]
    loudness: float


@dataclass(frozen=True)
class SoundPicture:
    """The waves (original, take) from timeline second `begin` on, and what is known of the take's sounds.

    `groups` are the indexes of the line's symbols that each span of the take holds, `given` the seconds that each
    symbol got, `f0` its pitch in Hz at `f0_rate` (0: unvoiced), all empty where there is no take that tells.
    """

    stretch: Stretch
    waves: tuple[Wave, ...]
    take: TakeRecord | None = None
    sounds: TakeSounds | None = None
    symbols: tuple[str, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()
    given: tuple[float, ...] = ()
    f0: NDArray[np.float32] | None = None
    f0_rate: float = 80.0
    problem: str = ""

    @property
    def begin(self) -> float:
        """Timeline second of the first sample."""
        return float(self.stretch.span[0])


def read_sound_picture(reels: tuple[Reel, ...], take: TakeRecord | None, store_folder: "Path") -> SoundPicture:
    """The picture of a line's original and, where there is one, of a take.

    What cannot be read of the take's latent is said in `problem`: its wave is shown all the same.

    Raises:
        MediaError: a sound is missing or does not decode.
    """
    waves = tuple(_wave(reel, read_soundtrack(reel)) for reel in reels)
    picture = SoundPicture(reels[0].stretch, waves, take)
    if take is None:
        return picture
    try:
        return _with_sounds(picture, take, store_folder)
    except CodubError as error:
        return SoundPicture(picture.stretch, waves, take, problem=str(error))


def _wave(reel: Reel, track: Soundtrack) -> Wave:
    whole = track.voice if reel.dubbed else track.voice + track.rest
    mono = np.ascontiguousarray(whole.mean(axis=1, dtype=np.float32))
    line = mono if reel.dubbed else np.ascontiguousarray(track.voice.mean(axis=1, dtype=np.float32))
    heard = np.flatnonzero(line)  # the silence it was laid into would count at its edges
    level = speech_level(line[heard[0] : heard[-1] + 1], DELIVERY_RATE) if len(heard) else -np.inf
    return Wave(reel.label, Pyramid.of(mono), momentary_levels(mono, DELIVERY_RATE), level)


def _with_sounds(picture: SoundPicture, take: TakeRecord, store_folder: "Path") -> SoundPicture:
    from codub.speech.boundaries import spans_symbols

    store = TakesStore.open(store_folder, read_only=True)  # one object a thread
    with store:
        sounds = take_sounds(store, take)
    if sounds is None:
        return picture
    symbols: tuple[str, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()
    if sounds.draggable:
        symbols = symbols_of(take)
        groups = spans_symbols(sounds.spans, symbols)
    pitch = np.expm1(sounds.latent.log_f0)
    rate = float(sounds.latent.space.f0_rate)
    given = given_durations(take)
    return SoundPicture(picture.stretch, picture.waves, take, sounds, symbols, groups, given, pitch, rate)
