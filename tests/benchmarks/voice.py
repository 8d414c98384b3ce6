"""The voice of the profile `embedded`: its plain networks beside those in bytes, in one process and on the same lines.

    python -m tests.benchmarks.voice                # 12 lines in 3 languages and 3 voices: seconds and quality
    python -m tests.benchmarks.voice --repeats 9    # takes turns more often; the least of each counts

CPU-seconds are for one second of speech, of all threads together, and stand for text to 48 kHz: phonemes, Text-to-Vec,
decoder and resampling, after loading. Quality is measured on what both make of the text: DistillMOS, words that
Whisper-base gets wrong (WER) and whether it hears the same words, and the speaker encoder's cosine to the voice's own
reference, a sentence spoken by the plain networks (SECS). The voices speak English at home; Spanish and French they
speak as a dub lets a stranger speak them, since of words that nobody understands none are kept.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from codub.evaluation.naturalness import load_naturalness
from codub.evaluation.recognition import load_recogniser, word_error_rate
from codub.evaluation.voice import secs
from codub.evaluation.wording import words
from codub.latent import EMBEDDED
from codub.speech.accent import accented
from codub.speech.kokoro.synthesizer import KokoroSynthesizer
from codub.speech.kokoro.ttv import KokoroTextToVec
from codub.speech.kokoro.voice import KokoroVoice, load_networks, load_voice
from codub.speech.kokoro.voices import named_voice
from codub.speech.model import PhonemeLine, Speech, Style
from codub.speech.phonemes import phonemize
from codub.speech.speaker import load_speaker_encoder
from codub.timing import DELIVERY_RATE, SPEECH_RATE

Made = TypeVar("Made")
Sound = NDArray[np.float32]

LINES = (
    ("en", "I left the keys on the kitchen table, next to the blue cup."),
    ("en", "Nobody told me that the meeting was moved to Thursday."),
    ("en", "Please close the window before the rain comes in."),
    ("en", "We could walk to the river. There is a place on the bridge where they sell lunch."),
    ("es", "Dejé las llaves en la mesa de la cocina, al lado de la taza azul."),
    ("es", "Nadie me dijo que la reunión era el jueves."),
    ("es", "Por favor, cierra la ventana antes de que llueva."),
    ("es", "Mi hermano compró un barco pequeño y ahora quiere uno más grande."),
    ("fr", "J'ai laissé les clés sur la table de la cuisine."),
    ("fr", "Personne ne m'a dit que la réunion était jeudi."),
    ("fr", "Ferme la fenêtre avant que la pluie arrive, s'il te plaît."),
    ("fr", "Mon frère a acheté un petit bateau, et maintenant il en veut un plus grand."),
)
VOICES = ("af_heart", "am_michael", "bf_emma+ef_dora@0.5")
REFERENCE = ("en", "The quick brown fox had nothing to say, so it went home before the evening was over.")
FORMS = ("plain", "fast")
PARTS = ("phonemes", *(f"{form} {side}" for side in ("text to vec", "decoder") for form in FORMS), "to 48 kHz")


@dataclass
class Line:
    """One line in both forms: sounds at 16 kHz, and the least CPU-seconds that each part took.

    `durations` are seconds of speech; what a part takes counts for a second of its own form's.
    """

    language: str
    text: str
    voice: str
    durations: dict[str, float] = field(default_factory=dict)
    sounds: dict[str, Sound] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def timed(self, part: str, work: Callable[[], Made]) -> Made:
        """What the work gives; its time is noted if it is the least so far."""
        started = time.process_time()
        made = work()
        self.seconds[part] = min(self.seconds.get(part, np.inf), time.process_time() - started)
        return made


@dataclass(frozen=True)
class Quality:
    """Of one sound; `heard` is what Whisper understood."""

    mos: float
    wer: float
    secs: float
    heard: str


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    voice = load_voice(arguments.threads)
    forms = dict(zip(FORMS, (plain_voice(), voice), strict=True))
    lines = [Line(language, text, VOICES[i % len(VOICES)]) for i, (language, text) in enumerate(LINES)]
    for line in lines:
        style = accented(Style(EMBEDDED, named_voice(line.voice)), line.language)
        for _ in range(arguments.repeats):
            written = line.timed("phonemes", lambda line=line: phonemize(line.text, line.language))
            for name, form in forms.items():
                speak(line, name, form, written, style)
            line.timed("first sound", lambda line=line, s=style: first_sound(line, voice, s))
    print(speed_table(lines), flush=True)
    for row in quality_table(lines, references(forms["plain"])):
        print(row, flush=True)


def plain_voice() -> KokoroVoice:
    """The voice in float32 as the networks are written."""
    text_encoder, prosody, decoder = load_networks()
    return KokoroVoice(KokoroTextToVec(text_encoder, prosody), KokoroSynthesizer(decoder))


def speak(line: Line, name: str, form: KokoroVoice, written: PhonemeLine, style: Style) -> None:
    """Let one form speak the line; kept are its sound and its seconds."""
    latent = line.timed(f"{name} text to vec", lambda: form.ttv.speak(written, style, None, 0).latent)
    speech = line.timed(f"{name} decoder", lambda: form.synthesizer.synthesize(latent, style))
    line.timed("to 48 kHz", lambda: soxr.resample(speech.samples, speech.sample_rate, DELIVERY_RATE, quality="VHQ"))
    line.sounds[name] = np.asarray(soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE), np.float32)
    line.durations[name] = float(latent.duration)


def first_sound(line: Line, voice: KokoroVoice, style: Style) -> Speech:
    """What is heard first when the line is said piece by piece."""
    return next(voice.say(phonemize(line.text, line.language), style))


def references(plain: KokoroVoice) -> dict[str, Sound]:
    """Each voice's reference sentence at 16 kHz."""
    made = {}
    for name in VOICES:
        style = Style(EMBEDDED, named_voice(name))
        latent = plain.ttv.speak(phonemize(REFERENCE[1], REFERENCE[0]), style, None, 0).latent
        speech = plain.synthesizer.synthesize(latent, style)
        made[name] = np.asarray(soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE), np.float32)
    return made


def speed_table(lines: list[Line]) -> str:
    """CPU-seconds for one second of speech, over all lines."""
    total = {name: sum(line.durations[name] for line in lines) for name in FORMS}
    cost = {}
    for part in PARTS:
        form = part.split()[0]
        cost[part] = sum(line.seconds[part] for line in lines) / total.get(form, total["fast"])
    rows = [f"CPU-seconds for one of {total['fast']:.0f} s of speech, {torch.get_num_threads()} thread(s)"]
    rows += [f"  {part:28}{seconds:8.4f}" for part, seconds in cost.items()]
    shared = cost["phonemes"] + cost["to 48 kHz"]
    whole = [shared + cost[f"{name} text to vec"] + cost[f"{name} decoder"] for name in FORMS]
    rows += [f"  text to 48 kHz, {name:12}{seconds:8.3f}" for name, seconds in zip(FORMS, whole, strict=True)]
    first = [line.seconds["first sound"] for line in lines]
    return "\n".join(
        [
            *rows,
            f"  ratio {whole[1] / whole[0]:.3f}",
            f"CPU-seconds from text to the first sound of a line: mean {np.mean(first):.2f}, most {max(first):.2f}",
        ]
    )


def quality_table(lines: list[Line], references: dict[str, Sound]) -> Iterator[str]:
    """Both sounds of every line, and the means."""
    meter, recogniser, encoder = load_naturalness(), load_recogniser(), load_speaker_encoder()

    def judge(line: Line, sound: Sound) -> Quality:
        heard = recogniser.transcribe(sound, line.language)
        wrong = word_error_rate(line.text, heard, line.language)
        return Quality(meter.score(sound), wrong, secs(encoder, sound, references[line.voice]), heard)

    yield f"{'':34}{'DistillMOS':>14}{'WER %':>16}{'SECS':>16}   same words"
    judged: list[tuple[Quality, Quality]] = []
    agreed = 0
    for line in lines:
        plain, fast = (judge(line, line.sounds[name]) for name in FORMS)
        judged.append((plain, fast))
        same = words(plain.heard, line.language) == words(fast.heard, line.language)
        agreed += same
        yield _row(f"{line.language} {line.voice}", plain, fast, "yes" if same else "NO")
        if not same:
            yield f"    {plain.heard}\n    {fast.heard}"
    plain, fast = (
        Quality(*(float(np.mean([getattr(pair[i], name) for pair in judged])) for name in ("mos", "wer", "secs")), "")
        for i in range(2)
    )
    yield _row("all", plain, fast, f"{agreed} of {len(judged)}")


def _row(name: str, plain: Quality, fast: Quality, same: str) -> str:
    mos = f"{plain.mos:7.2f}{fast.mos:7.2f}"
    return f"{name:34}{mos}  {100 * plain.wer:7.1f}{100 * fast.wer:7.1f}  {plain.secs:7.3f}{fast.secs:7.3f}   {same}"


if __name__ == "__main__":
    main()
