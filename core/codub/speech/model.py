"""What a voice model is: three small protocols and the values between them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codub.errors import UsageError
from codub.latent import LatentSpace, SpeechLatent
from codub.speech.word_delivery import WordDelivery

# How far each control of a delivery goes.
PACE = (0.5, 2.0)
PITCH = (-12.0, 12.0)  # semitones
ENERGY = (-12.0, 12.0)  # dB
VARIATION = (0.0, 2.0)
ORIGINAL = (0.0, 1.0)
LONGEST_SYMBOL = 5.0  # s
BOUNDS = {"pace": PACE, "pitch": PITCH, "energy": ENERGY, "variation": VARIATION, "original": ORIGINAL}


@dataclass(frozen=True)
class Style:
    """How a speaker sounds, in the terms of one voice model.

    `vector` is the model's style, float32 (`embedded`: 256 = 128 acoustic + 128 prosody; `hierspeechpp`: 512 = 256 of
    the TTV's style encoder + 256 of the synthesizer's), `f0_factor` scales the predicted F0 in Hz, `f0_range` how far
    ln F0 goes from a line's median (`embedded` only). `origin` says in words where it came from, `similarity` is the
    speaker encoder's cosine to the reference (None where none was measured). `gains` are `equaliser`'s in dB, `(40,)`,
    that the sound is given last (`embedded` only; None: it stays), `sound_gains` `(40, 40)` what each moment gets
    before them, in dB a unit along each axis of `speech.sound_gains`, by what is said there. `articulation` is what
    sounds are formed with where that is not the vector's own (`embedded`: `(128,)`, for all of the decoder before its
    generator; see `accent`).
    """

    space: LatentSpace
    vector: NDArray[np.float32]
    f0_factor: float = 1.0
    origin: str = ""
    similarity: float | None = None
    gains: NDArray[np.float32] | None = None
    articulation: NDArray[np.float32] | None = None
    f0_range: float = 1.0
    sound_gains: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class PhonemeLine:
    """One line as the voice model reads it: IPA symbols in order, spaces and punctuation among them.

    `held` are indexes of symbols with the seconds that the text's marks give them; `notes` name all that is not said
    as it is written, a sentence each.
    """

    text: str
    language: str
    symbols: tuple[str, ...]
    held: tuple[tuple[int, float], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """How a line is to be said, beside its text; every default changes nothing.

    `pace` comes after the fit to the window: 1.1 is a tenth faster than the fitted (or natural) pace, and the line
    ends that much earlier. `pitch` moves F0, in semitones. `energy` is how much louder than the original line, in dB;
    it acts on the sound when it is placed, after its level was matched, and no text-to-vec needs to heed it.
    `variation` is how far a seed strays: 0 is the model's own reading whatever the seed, 2 twice as far as usual.
    `durations` holds seconds for each symbol of the `PhonemeLine` in order, None for the model's own; empty for none
    set. They count for a symbol's part between the first and the last sound; the other symbols are fitted round them.
    `pitches` are semitones for each symbol likewise, `words` what differs for single words. `original` says how far
    the line follows the original's delivery: its melody (in semitones round each speaker's median), its pauses and its
    loudness; 0 not at all, 1 wholly.

    Raises:
        UsageError: a value is out of its bounds.
    """

    pace: float = 1.0
    pitch: float = 0.0
    energy: float = 0.0
    variation: float = 1.0
    durations: tuple[float | None, ...] = ()
    pitches: tuple[float | None, ...] = ()
    words: tuple[WordDelivery, ...] = ()
    original: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise UsageError(f"A {name} of {value:g} is out of bounds.", fix=f"Use {low:g} to {high:g}.")
        for duration in self.durations:
            if duration is not None and not 0 < duration <= LONGEST_SYMBOL:
                raise UsageError(
                    f"A sound of {duration:g} s is out of bounds.",
                    fix=f"Use more than 0 and up to {LONGEST_SYMBOL:g} s.",
                )
        for pitch in self.pitches:
            if pitch is not None and not PITCH[0] <= pitch <= PITCH[1]:
                raise UsageError(f"A sound {pitch:g} semitones off is out of bounds.", fix="Use -12 to 12.")
        numbers = [word.word for word in self.words]
        if len(set(numbers)) < len(numbers):
            raise UsageError("A word of a line has two deliveries.", fix="Put all of it into one.")

    def of_any_text(self) -> "Delivery":
        """What of it counts whatever the line's text is."""
        return replace(self, durations=(), pitches=(), words=())


PLAIN = Delivery()


@dataclass(frozen=True)
class Fit:
    """How a line's predicted length was fitted to its window; all in seconds.

    `natural` is the length the model would take, `wanted` the window, `spoken` what was made; `scale` is the factor
    on sounding phonemes (0.8 to 1.25, over the delivery's pace), `excess` how much longer than the window the line
    still is (0 if it fits), and `syllables_over` how many syllables should go to make it fit.
    """

    natural: float
    wanted: float
    spoken: float
    scale: float
    excess: float = 0.0
    syllables_over: int = 0


@dataclass(frozen=True)
class SpokenLine:
    """A latent with the account of how it was fitted in time.

    `durations`: seconds that each symbol of the line was given between the first and the last sound, 0 for one that
    lies outside; empty where the model cannot tell.
    """

    latent: SpeechLatent
    fit: Fit
    durations: tuple[float, ...] = ()


@dataclass(frozen=True)
class Speech:
    """A mono waveform float32 in [-1, 1]; it lasts exactly as long as the latent it was cut from."""

    samples: NDArray[np.float32]
    sample_rate: int


class TextToVec(Protocol):
    """Predicts what a line sounds like: text and style in, `SpeechLatent` out."""

    space: LatentSpace

    def speak(
        self, line: PhonemeLine, style: Style, window: float | None, seed: int, delivery: Delivery = PLAIN
    ) -> SpokenLine:
        """Latent of the line, fitted to `window` seconds (None: the natural pace), said as `delivery` wants it.

        Raises:
            CueError: the delivery's durations are of another line.
        """
        ...

    def silence_vector(self) -> NDArray[np.float32]:
        """The features `(C,)` of nothing being said: what a face is given before and after a line."""
        ...


class SpeechEncoder(Protocol):
    """Brings real sound into the space that the TTV predicts."""

    space: LatentSpace

    def encode(self, samples: NDArray[np.float32]) -> SpeechLatent:
        """Latent of 16 kHz mono float32 sound, `origin` "sound"."""
        ...


class PhonemeEar(SpeechEncoder, Protocol):
    """A speech encoder that also tells which phonemes it hears."""

    def posteriors(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-probabilities `(P, T)` of `inventory.INVENTORY` in every vector of 16 kHz mono sound."""
        ...


class Synthesizer(Protocol):
    """Gives a latent a voice."""

    space: LatentSpace
    sample_rate: int

    def synthesize(self, latent: SpeechLatent, style: Style) -> Speech:
        """Waveform of exactly the latent's duration."""
        ...

    def synthesize_many(self, latents: Sequence[SpeechLatent], styles: Sequence[Style]) -> list[Speech]:
        """As `synthesize`, for each latent in the style at its place; a GPU may speak many at a time."""
        ...

    def stream(self, latent: SpeechLatent, style: Style) -> Iterator[Speech]:
        """The waveform in pieces, each as soon as it is made; one piece where the voice makes it all at once."""
        ...
