"""What is known of people's sounds: how much anybody's own differ from the voice's, learned from many speakers.

Each recording is said again by the decoder in a style drawn for its speaker, and compared with what it became, in two
halves. What both halves of one person agree on is that person's; what they do not is chance.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.fft import dct

from codub.errors import UsageError
from codub.files import replacing
from codub.speech.heard_reference import hear
from codub.speech.model import Style
from codub.speech.phonemes import phonemize
from codub.speech.pitch import median_f0
from codub.speech.sound_gains import CEPSTRA, Differing, SoundAxes, differing, sound_gains
from codub.speech.style import nearest_style
from codub.speech.style_gains import SPOKEN
from codub.timing import SPEECH_RATE
from codub.training.speech_data import Recording, read_sound, recordings

Doubles = NDArray[np.float64]
Progress = Callable[[float, str], None]
Halves = tuple[Differing, Differing]

AXES = 40  # of 20, 40 and 80 the middle one told voices apart as well as the last, with less to keep
TEXTS = 60  # recordings' texts that say where sounds lie, beside other languages'
LIGHT_RIDGE = 100.0  # frames: enough to tell agreement of halves
POOLED_RIDGE = 300.0
# Of the frames that chance alone would ask for. By the other half it is 1: 13.1 % of the variance, with 0.3 10.5 %. By
# ear it is less: six people of train-clean-100 who were left out, styles fitted, cosine of CAM++ / DistillMOS without
# 0.25 / 4.53 (two of them), 1 0.27 / 4.50, 0.3 0.30 / 4.47, 0.1 0.31 / 4.41.
TRUST = 0.3
EVERY = 10  # people between two writes
_FIELDS = ("places", "both", "squares", "frames")


def train_sound_axes(corpora: Path, out: Path, progress: Progress) -> str:
    """Write `sound-axes.safetensors` into the folder `out`; 4 CPU-seconds a person, resumable. Gives what it explains.

    Raises:
        UsageError: the recordings are not there, or too few.
        WeightsError: the voice or an encoder was not fetched.
    """
    people = [one for one in recordings(corpora, of_one_speaker=1) if not one.words]
    if len(people) < AXES:
        raise UsageError(f"{len(people)} people are too few.", cause=f"At least {AXES} are needed.")
    out.mkdir(parents=True, exist_ok=True)
    bench = _Bench(people)
    kept = out / "heard.safetensors"
    heard, (middle, axes) = _begun(kept), bench.directions()
    for number in range(len(heard), len(people)):
        progress(number / len(people), f"{people[number].speaker} is said again")
        heard.append(bench.halves(people[number], SoundAxes(middle, axes, np.zeros(0), np.zeros(0))))
        if len(heard) % EVERY == 0 or len(heard) == len(people):
            _keep(kept, heard)
    known = what_is_usual(middle, axes, heard)
    _write(out / "sound-axes.safetensors", known)
    return f"{len(heard)} people; {_told(middle, axes, heard)}"


class _Bench:
    """The models that hear people and say them again."""

    def __init__(self, people: Sequence[Recording]) -> None:
        from codub.speech.encoder import load_speech_encoder
        from codub.speech.kokoro.voice import load_voice
        from codub.speech.speaker import load_speaker_encoder

        self._voice, self._people = load_voice(), people
        self._ear, self._encoder = load_speaker_encoder(), load_speech_encoder()

    def directions(self) -> tuple[Doubles, Doubles]:
        """Middle and axes of what text becomes, by principal components."""
        step = max(1, len(self._people) // TEXTS)
        texts = [("en", one.text) for one in self._people[::step]] + 3 * [line for line in SPOKEN if line[0] != "en"]
        style = self._style(read_sound(self._people[0].sound))
        vectors = np.concatenate(
            [self._voice.ttv.speak(phonemize(t, lang), style, None, 0).latent.features.T for lang, t in texts]
        ).astype(np.float64)
        middle = vectors.mean(axis=0)
        _, extents, axes = np.linalg.svd(vectors - middle, full_matrices=False)
        return middle, axes[:AXES].T / (extents[:AXES] / np.sqrt(len(vectors)))

    def halves(self, person: Recording, axes: SoundAxes) -> Halves:
        """What the two halves of a recording differ by from themselves said again."""
        sound = read_sound(person.sound)
        style = self._style(sound)
        reference = hear(sound, np.zeros(0, np.float32), self._encoder)
        speech = self._voice.synthesizer.synthesize(reference.latent, style)
        spoken = soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE)
        places = axes.places(reference.latent.features)
        middle = len(places) // 2
        cut = middle * SPEECH_RATE // 40
        first = differing(places[:middle], reference.said[:cut], spoken[:cut])
        return first, differing(places[middle:], reference.said[cut:], spoken[cut:])

    def _style(self, sound: NDArray[np.float32]) -> Style:
        return nearest_style(self._ear.embed(sound), median_f0(sound))


def what_is_usual(middle: Doubles, axes: Doubles, heard: Sequence[Halves]) -> SoundAxes:
    """The mean of all people, and how much of one person it takes to believe otherwise, axis by axis and cepstrum."""
    usual = _solved([one for halves in heard for one in halves], np.zeros((axes.shape[1], CEPSTRA - 1)), POOLED_RIDGE)
    own = np.array([[_solved([half], usual, LIGHT_RIDGE) for half in halves] for halves in heard])
    agreed = (own[:, 0] * own[:, 1]).mean(axis=0)
    along, across = np.maximum(agreed.sum(axis=1), 1e-9), np.maximum(agreed.sum(axis=0), 1e-9)
    variance = np.outer(along, across) / along.sum()
    frames = sum(half.frames for halves in heard for half in halves)
    chance = sum(_left(half, usual) for halves in heard for half in halves) / frames
    return SoundAxes(middle, axes, usual, TRUST * chance / variance)


def explained(known: SoundAxes, people: Sequence[Halves]) -> float:
    """Share of the variance of one half that the other half of the person, and what is usual, tell."""
    left = whole = 0.0
    for halves in people:
        for here, there in (halves, halves[::-1]):
            own = known.usual + _own(here, known)
            left, whole = left + _left(there, own).sum(), whole + there.squares.sum()
    return float(1 - left / whole)


def _own(half: Differing, known: SoundAxes) -> Doubles:
    return np.asarray(dct(sound_gains(half, known).astype(np.float64), axis=1, norm="ortho")[:, 1:CEPSTRA])


def _told(middle: Doubles, axes: Doubles, heard: Sequence[Halves]) -> str:
    """What is explained of every fifth person by the others."""
    tested = heard[::5]
    known = what_is_usual(middle, axes, [one for k, one in enumerate(heard) if k % 5])
    nothing = SoundAxes(middle, axes, known.usual, np.full_like(known.doubt, 1e12))
    both, alone = explained(known, tested), explained(nothing, tested)
    return f"of others' halves {alone:.1%} of the variance is what is usual, {both:.1%} with their own first half"


def _solved(heard: Sequence[Differing], around: Doubles, ridge: float) -> Doubles:
    """How far from `around` `(K, 19)` the slope of these lies."""
    places = np.sum([one.places for one in heard], axis=0)
    unusual = np.sum([one.both for one in heard], axis=0) - places @ around
    return np.asarray(np.linalg.solve(places + ridge * np.eye(len(places)), unusual))


def _left(half: Differing, slope: Doubles) -> Doubles:
    """Squares of each cepstrum that the slope `(K, 19)` does not explain."""
    return np.asarray(half.squares - 2 * (slope * half.both).sum(axis=0) + (slope * (half.places @ slope)).sum(axis=0))


def _begun(path: Path) -> list[Halves]:
    from safetensors.numpy import load_file

    if not path.is_file():
        return []
    kept = load_file(str(path))
    rows = zip(*(kept[name] for name in _FIELDS), strict=True)
    return [(Differing(p[0], b[0], s[0], int(n[0])), Differing(p[1], b[1], s[1], int(n[1]))) for p, b, s, n in rows]


def _keep(path: Path, heard: Sequence[Halves]) -> None:
    from safetensors.numpy import save_file

    arrays = {name: np.array([[getattr(half, name) for half in halves] for halves in heard]) for name in _FIELDS}
    with replacing(path) as temporary:
        save_file(arrays, str(temporary))


def _write(path: Path, known: SoundAxes) -> None:
    from safetensors.numpy import save_file

    arrays = {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in vars(known).items()}
    with replacing(path) as temporary:
        save_file(arrays, str(temporary))
