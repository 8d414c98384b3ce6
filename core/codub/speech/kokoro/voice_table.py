"""Speaker embeddings of the stock voices and of blends of them: how styles sound, for `speech.style` to learn from."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from codub.files import replacing
from codub.latent import EMBEDDED
from codub.speech.kokoro.voices import named_voice, stock_voices
from codub.speech.model import PhonemeLine, Style
from codub.timing import SPEECH_RATE

if TYPE_CHECKING:
    from codub.speech.kokoro.voice import KokoroVoice
    from codub.speech.speaker import SpeakerEncoder

Row = tuple[NDArray[np.float32], float]  # an embedding and a median F0 in Hz

SHARES = (0.35, 0.5, 0.65)
BLENDS = 400
EVERY = 10  # voices between two writes
VOICED_ABOVE = 10.0  # Hz
LANGUAGES = "abefhip"  # first letters; the Japanese and Chinese voices are not blended
# "The quick brown fox had nothing to say, so it went home." in espeak-ng's IPA: 3 s
SENTENCE = "ðə kwˈɪk bɹˈaʊn fˈɑːks hæd nˈʌθɪŋ tə sˈeɪ, sˌoʊ ɪt wˈɛnt hˈoʊm."  # noqa: RUF001


@dataclass(frozen=True)
class VoiceTable:
    """`names` as `voices.named_voice` takes them, unit embeddings `(N, 256)`, median F0 `(N,)` in Hz."""

    names: tuple[str, ...]
    embeddings: NDArray[np.float32]
    median_f0: NDArray[np.float32]


def read_table(path: Path) -> VoiceTable:
    """A table from the file that `make_table` wrote."""
    from safetensors import safe_open

    with safe_open(str(path), framework="numpy") as file:
        names = tuple(json.loads(file.metadata()["names"]))
        embeddings = file.get_tensor("embeddings").astype(np.float32)
        return VoiceTable(names, embeddings, file.get_tensor("median_f0").astype(np.float32))


def voice_names(blends: int = BLENDS) -> tuple[str, ...]:
    """The stock voices, then blends `a+b@0.35` of two voices of one sex; always the same ones."""
    stock = sorted(stock_voices())
    pairs = [(a, b) for a, b in combinations(stock, 2) if a[1] == b[1] and a[0] in LANGUAGES and b[0] in LANGUAGES]
    order = np.random.default_rng(0).permutation(len(pairs))[:blends]
    mixed = [f"{pairs[k][0]}+{pairs[k][1]}@{SHARES[i % len(SHARES)]}" for i, k in enumerate(order)]
    return (*stock, *mixed)


def make_table(path: Path, progress: Callable[[float, str], None], blends: int = BLENDS) -> None:
    """Let every voice say one sentence, embed what is heard, and write the table; about 2 s a voice on one core.

    What is done is written as it goes, and taken up again where the file at `path` is the start of the same table.

    Raises:
        WeightsError: the voice or the speaker encoder was not fetched.
    """
    from codub.speech.kokoro.voice import load_voice
    from codub.speech.speaker import load_speaker_encoder

    voice, encoder = load_voice(), load_speaker_encoder()
    names = voice_names(blends)
    rows = _begun(path, names)
    for name in names[len(rows) :]:
        progress(len(rows) / len(names), name)
        rows.append(_heard(voice, encoder, name))
        if len(rows) % EVERY == 0 or len(rows) == len(names):
            _write(path, names[: len(rows)], rows)


def _heard(voice: "KokoroVoice", encoder: "SpeakerEncoder", name: str) -> Row:
    """Embedding and median F0 of one voice saying the sentence."""
    import soxr

    style = Style(EMBEDDED, named_voice(name), origin=name)
    latent = voice.ttv.speak(PhonemeLine("", "en", tuple(SENTENCE)), style, None, 0).latent
    speech = voice.synthesizer.synthesize(latent, style)
    f0 = np.expm1(latent.log_f0)
    embedding = encoder.embed(soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE))
    return embedding, float(np.median(f0[f0 > VOICED_ABOVE]))


def _begun(path: Path, names: tuple[str, ...]) -> list[Row]:
    """Rows of an unfinished table of these voices at `path`; none where there is no such table."""
    if not path.is_file():
        return []
    table = read_table(path)
    if table.names != names[: len(table.names)]:
        return []
    return list(zip(table.embeddings, table.median_f0.tolist(), strict=True))


def _write(path: Path, names: tuple[str, ...], rows: list[Row]) -> None:
    from safetensors.numpy import save_file

    tensors: dict[str, NDArray[Any]] = {
        "embeddings": np.stack([embedding for embedding, _ in rows]).astype(np.float16),
        "median_f0": np.array([f0 for _, f0 in rows], dtype=np.float32),
    }
    with replacing(path) as temporary:
        save_file(tensors, str(temporary), metadata={"names": json.dumps(names), "sentence": SENTENCE})
