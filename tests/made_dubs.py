"""Small projects on disk, and models that are quick and know nothing, for the tests of everything that dubs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import opentimelineio as otio
from made_scores import scores
from made_timelines import clip, frames, track
from PIL import Image

from codub import weights
from codub.dubbing.memory import Memory
from codub.dubbing.opening import DubProject, open_project
from codub.dubbing.profile import Profile
from codub.dubbing.request import DubRequest
from codub.dubbing.takes import TakesStore
from codub.dubbing.writing import write_timeline
from codub.errors import CueError
from codub.face.landmarks import FaceLandmarks
from codub.face.model import MouthMotion, SilentFace
from codub.latent import EMBEDDED, PhonemeSpan, SpeechLatent
from codub.media.audio import write_wav
from codub.media.encode import write_video
from codub.media.probe import VideoInfo
from codub.speech.model import PLAIN, Delivery, Fit, PhonemeLine, Speech, SpokenLine, Style
from codub.timeline.placed import PlacedClip
from codub.timing import DELIVERY_RATE

FAILS = "Falla"  # a line with this word cannot be spoken by the quick voice
BREAKS = "Rompe"  # and at this one the program dies
RATE = Fraction(25)
SIZE = (240, 200)


def made_latent(seconds: float = 1.0, seed: int = 0, origin: Any = "text") -> SpeechLatent:
    """Noise, the same for the same seed."""
    count = max(1, round(seconds * 40))
    generator = np.random.default_rng(seed)
    return SpeechLatent(
        EMBEDDED,
        generator.standard_normal((512, count)).astype(np.float32),
        np.full(2 * count, 5, np.float32),
        np.ones(2 * count, np.float32),
        (PhonemeSpan("o", 0.0, count / 40),),
        origin,
    )


def placed_clip(name: str = "one", **changes: Any) -> PlacedClip:
    """Frames 100 to 149 of a film at 25 frames/s, lying from 2 s to 4 s on the timeline."""
    values: dict[str, Any] = {
        "address": (0, 0),
        "name": name,
        "track": "V1",
        "kind": "video",
        "media": Path(f"{name}.mov"),
        "reference": "DEFAULT_MEDIA",
        "rate": RATE,
        "media_start": Fraction(4),
        "source_start": Fraction(4),
        "start": Fraction(2),
        "end": Fraction(4),
        "visible": ((Fraction(2), Fraction(4)),),
    }
    return PlacedClip(**(values | changes))


def tone(seconds: float, hertz: float = 150, level: float = 0.2, rate: int = DELIVERY_RATE) -> np.ndarray:
    """A sine, float32 mono."""
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def still(seed: int) -> np.ndarray:
    """A smooth coloured picture, (200, 240, 3) uint8."""
    base = np.random.default_rng(seed).integers(40, 215, (12, 14, 3), np.uint8)
    return np.array(Image.fromarray(base).resize(SIZE, Image.Resampling.BICUBIC))


def write_film(path: Path, count: int, seed: int = 0) -> None:
    """A still picture for `count` frames at 25 frames/s."""
    path.parent.mkdir(parents=True, exist_ok=True)
    info = VideoInfo(RATE, count, *SIZE)
    write_video(path, (still(seed) for _ in range(count)), info, count)


def write_lines(path: Path, *texts: str) -> Path:
    """Three subtitles, the first two on the first clip of `write_project`, the third on its second clip."""
    times = ("00:00:00,200 --> 00:00:00,800", "00:00:01,000 --> 00:00:01,600", "00:00:01,910 --> 00:00:03,000")
    blocks = [f"{n}\n{time}\n{text}\n" for n, (time, text) in enumerate(zip(times, texts, strict=False), 1)]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def write_project_with_lines(folder: Path) -> Path:
    """The folder with the project of `write_project` and three Spanish lines for it, `LINES.es.srt`."""
    write_project(folder)
    write_lines(folder / "LINES.es.srt", "Uno.", "Dos.", "Tres.")
    return folder


def write_project(folder: Path) -> Path:
    """Two films of 45 and 35 frames, spoken by Ana and by Ben, over 3.2 seconds of original sound."""
    write_film(folder / "media" / "one.mp4", 45, seed=1)
    write_film(folder / "media" / "two.mp4", 35, seed=2)
    write_wav(folder / "media" / "talk.wav", tone(3.2, level=0.1))
    shown = [
        clip(name, 0, count, available=frames(0, count), url=f"media/{name}.mp4")
        for name, count in (("one", 45), ("two", 35))
    ]
    for each, speaker in zip(shown, ("Ana", "Ben"), strict=True):
        each.metadata["speaker"] = speaker
    talk = clip("talk", 0, 80, available=frames(0, 80), url="media/talk.wav")
    timeline = otio.schema.Timeline("programme")
    timeline.tracks.extend([track("V1", shown), track("A1", [talk], "Audio")])
    path = folder / "PROJECT.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def write_one_film_twice(folder: Path, first: int = 0) -> None:
    """PROJECT.otio: a film of 45 frames, from frame `first`, then its first 35 again, over 3.2 seconds of sound."""
    shown = [
        clip(name, start, count, available=frames(0, 45), url="media/one.mp4")
        for name, start, count in (("one", first, 45 - first), ("two", 0, 35))
    ]
    talk = clip("talk", 0, 80, available=frames(0, 80), url="media/talk.wav")
    timeline = otio.schema.Timeline("programme")
    timeline.tracks.extend([track("V1", shown), track("A1", [talk], "Audio")])
    otio.adapters.write_to_file(timeline, str(folder / "PROJECT.otio"))


def opened(folder: Path, language: str = "es") -> DubProject:
    """The project of `film` as a dub opens it."""
    return open_project(DubRequest(folder / "PROJECT.otio", folder / f"LINES.{language}.srt", folder / "DUBBED.otio"))


def written(folder: Path, store: TakesStore, language: str = "es") -> tuple[otio.schema.Timeline, list[str]]:
    """The timeline with all takes of the store, as it was written, and what was said of it."""
    notes = write_timeline(opened(folder, language), store, folder / "DUBBED.otio")
    return otio.adapters.read_from_file(str(folder / "DUBBED.otio")), notes


def now(folder: Path) -> otio.schema.Timeline:
    """The dubbed timeline as it lies on the disk."""
    return otio.adapters.read_from_file(str(folder / "DUBBED.otio"))


def write_weights(home: Path, names: Sequence[str]) -> None:
    """Empty files where fetched weights would lie."""
    for name in names:
        for file in weights.ASSETS[name].files:
            path = home / "weights" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")


class QuickTtv:
    """Speaks every line in its window; another seed, another latent. What a drawn style is heard on is not noted."""

    space = EMBEDDED

    def __init__(self) -> None:
        self.spoken: list[tuple[str, int]] = []
        self.deliveries: list[Delivery] = []

    def speak(
        self, line: PhonemeLine, style: Style, window: float | None, seed: int, delivery: Delivery = PLAIN
    ) -> SpokenLine:
        from codub.speech.style_gains import SPOKEN  # brings torch; not for who only starts a worker

        if line.text not in [text for _, text in SPOKEN]:
            self.deliveries.append(delivery)
            self.spoken.append((line.text, seed))
        if FAILS in line.text:
            raise CueError("The line cannot be spoken.")
        if BREAKS in line.text:
            raise KeyboardInterrupt
        latent = made_latent(window or 1.0, seed + len(line.text))
        seconds = float(latent.duration)
        return SpokenLine(latent, Fit(seconds, window or seconds, seconds, 1.0), (seconds,))

    def silence_vector(self) -> np.ndarray:
        return np.zeros(512, np.float32)

    def durations(self, line: PhonemeLine, style: Style) -> np.ndarray:
        return np.full(len(line.symbols) + 2, 2.0, np.float32)

    def features(self, symbols: Sequence[str], durations: Sequence[int]) -> np.ndarray:
        numbers = np.arange(1, len(symbols) + 3, dtype=np.float32)
        return np.repeat(np.repeat(numbers[None], 512, axis=0), durations, axis=1)


class QuickEar:
    """Hears noise as long as the sound; `said` are the sounds in it, with the vectors of `[pad, *said, pad]`."""

    space = EMBEDDED

    def __init__(self, said: Sequence[str] = (), durations: Sequence[int] = ()) -> None:
        self.said, self.durations = said, durations

    def encode(self, samples: np.ndarray) -> SpeechLatent:
        return made_latent(len(samples) / 16_000, 9, "sound")

    def posteriors(self, samples: np.ndarray) -> np.ndarray:
        return scores(self.said, self.durations or [-(-len(samples) // 400), 0])


class QuickSynthesizer:
    """A sine as long as the latent; `together` are how many were asked for at once."""

    space = EMBEDDED
    sample_rate = 24_000

    def __init__(self) -> None:
        self.together: list[int] = []

    def synthesize(self, latent: SpeechLatent, style: Style) -> Speech:
        return Speech(tone(float(latent.duration), 300, 0.3, self.sample_rate), self.sample_rate)

    def synthesize_many(self, latents: Sequence[SpeechLatent], styles: Sequence[Style]) -> list[Speech]:
        self.together.append(len(latents))
        return [self.synthesize(latent, style) for latent, style in zip(latents, styles, strict=True)]

    def stream(self, latent: SpeechLatent, style: Style) -> Iterator[Speech]:
        samples = self.synthesize(latent, style).samples
        for piece in np.array_split(samples, 2):
            yield Speech(piece, self.sample_rate)


class QuickFace:
    """Takes the first reference as it is."""

    space = EMBEDDED
    size = 80
    references = 3
    window = 11

    def __init__(self) -> None:
        self.frames = 0

    def generate(self, windows: np.ndarray, pose: np.ndarray, references: np.ndarray) -> MouthMotion:
        count = len(pose)
        self.frames += count
        blend = np.zeros((count, 4, 20, 20), np.float32)
        blend[:, 3] = 1
        return MouthMotion(
            np.zeros((count, 3, 2, 20, 20), np.float32),
            blend,
            np.full((count, 3, 20, 20), 0.9, np.float32),
            np.ones((20, 20), np.float32),
        )


class OneFace:
    """A frontal face in the same place of every frame, whose mouth moves; `there` False: nobody is seen."""

    name, reason = "made up", ""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.looks = 0

    def find(self, frame: np.ndarray, *, thorough: bool, known: object = ()) -> list[FaceLandmarks]:
        return [self._face()] if self.there else []

    def follow(self, frame: np.ndarray, previous: FaceLandmarks) -> FaceLandmarks | None:
        return self._face() if self.there else None

    def _face(self) -> FaceLandmarks:
        self.looks += 1
        angles = np.linspace(np.pi, 0, 23)
        outline = np.stack([120 + 45 * np.cos(angles), 70 + 60 * np.sin(angles)], axis=1).astype(np.float32)
        stable = np.float32([[90, 55], [150, 55], [120, 40], [120, 80], [105, 60], [135, 62]])
        opening = 0.1 + 0.1 * float(np.sin(self.looks))
        eyes = np.array([[100.0, 60.0], [140.0, 60.0]])
        return FaceLandmarks(np.concatenate([outline, stable]), eyes, stable, outline, opening, 0.8, 0.0, 1.0)


class TwoFaces(OneFace):
    """The same face twice, in the left and in the right half of the picture; only the left mouth moves."""

    APART = 110.0

    def find(self, frame: np.ndarray, *, thorough: bool, known: object = ()) -> list[FaceLandmarks]:
        return [self._moved(-self.APART / 2), replace(self._moved(self.APART / 2), opening=0.05)]

    def follow(self, frame: np.ndarray, previous: FaceLandmarks) -> FaceLandmarks | None:
        left, right = self.find(frame, thorough=False)
        return left if previous.eyes[0, 0] < SIZE[0] / 2 - 20 else right

    def _moved(self, across: float) -> FaceLandmarks:
        face, by = self._face(), np.float32([across, 0])
        return replace(
            face, points=face.points + by, eyes=face.eyes + by, stable=face.stable + by, outline=face.outline + by
        )


class QuickSpeakerEncoder:
    """Hears the same person in everything."""

    device = "cpu"

    def embed(self, samples: np.ndarray) -> np.ndarray:
        return np.eye(256, dtype=np.float32)[0]

    def network(self, waves: Any) -> Any:
        import torch  # not for who only starts a worker

        return torch.eye(256)[:1] + 0 * waves.mean()


class QuickModels:
    """What `codub.dubbing.profile.Models` holds, without weights."""

    def __init__(self, *, face_there: bool = True) -> None:
        self.profile = Profile("embedded", "embedded", "kokoro", "whisper", "face-embedded.safetensors")
        self.device = "cpu"
        self.lines_at_once = 1
        self.memory = Memory()
        self.voice = SimpleNamespace(ttv=QuickTtv(), synthesizer=QuickSynthesizer())
        self.speech_encoder = QuickEar()
        self.speaker_encoder = QuickSpeakerEncoder()
        self.face = QuickFace()
        self.silent_face: SilentFace | None = None
        self.landmarks = OneFace(there=face_there)

    def understood(self, samples: np.ndarray, language: str) -> str:
        return ""

    def of(self, profile: Profile) -> "QuickModels":
        """The same ones for another profile: stands in for the class."""
        self.profile = profile
        return self
