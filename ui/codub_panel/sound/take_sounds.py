"""What is heard when in a take: its phonemes and words, and what becomes of its line when a boundary is dragged."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from codub.dubbing.record import LATENT, TakeRecord, delivery_of, given_durations, spoken_symbols
from codub.dubbing.takes import TakesStore
from codub.latent import PhonemeSpan, SpeechLatent
from codub.speech.model import Delivery

if TYPE_CHECKING:
    from codub.speech.model import PhonemeLine
    from codub.speech.words import WordSpan


@dataclass(frozen=True)
class TakeSounds:
    """Phonemes (silences among them) and written words of a take, in seconds from `at`, a second of the timeline.

    `words` is empty for a human recording, whose text nobody aligned. `draggable`: whether boundaries can be moved.
    """

    take: TakeRecord
    latent: SpeechLatent
    at: Fraction
    words: "tuple[WordSpan, ...]"

    @property
    def spans(self) -> tuple[PhonemeSpan, ...]:
        """Phonemes in order, without gaps."""
        return self.latent.spans

    @property
    def draggable(self) -> bool:
        """Whether `dragged` can do anything: not for recordings and takes of codub 0.1."""
        return bool(given_durations(self.take))

    def dragged(self, sounds: tuple[int, int], to: float) -> Delivery:
        """The delivery with which the spans from `sounds[0]` to `sounds[1]` end at `to` seconds from `at`.

        For a phoneme both numbers are its own, for a word its `first` and `last`. To be given to
        `PanelSession.set_delivery`; the line dubbed again then keeps all before the boundary in place.

        Raises:
            CueError: the boundary cannot be moved, and why.
        """
        from codub.speech.boundaries import dragged

        symbols = symbols_of(self.take)
        return dragged(self.latent, symbols, given_durations(self.take), sounds, to, delivery_of(self.take))


def symbols_of(take: TakeRecord) -> tuple[str, ...]:
    """The symbols that a take's voice spoke: as it kept them, else as its text is read today.

    Raises:
        CodubError: the text cannot be read.
    """
    from codub.dubbing.profile import load_profile

    return spoken_symbols(take) or load_profile(take.profile).phonemize(take.text, take.language).symbols


def take_sounds(store: TakesStore, take: TakeRecord) -> TakeSounds | None:
    """The sounds of a take; None where it has no latent. Takes some milliseconds, and half a second the first time.

    Raises:
        CodubError: the take's latent cannot be read, or is of another text.
    """
    from codub.dubbing.latents import read_latent
    from codub.dubbing.profile import load_profile
    from codub.speech.words import word_spans

    path = store.path(take, LATENT)
    if path is None:
        return None
    latent, at = read_latent(path)
    if latent.origin != "text":
        return TakeSounds(take, latent, at, ())
    profile, symbols = load_profile(take.profile), spoken_symbols(take)

    def read(text: str, language: str) -> "PhonemeLine":
        line = profile.phonemize(text, language)
        return replace(line, symbols=symbols) if symbols and text == take.text else line

    words = word_spans(latent, take.text, take.language, read)
    return TakeSounds(take, latent, at, words)
