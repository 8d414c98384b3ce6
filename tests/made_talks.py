"""Films made for tests in which one grey face talks: how far its mouth opens is known in every frame and every sample.

The grey level of the picture's left edge says the opening, the sound's amplitude follows it, so that made ears and eyes
need no weights.
"""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from codub.face.landmarks import OUTLINE, FaceLandmarks
from codub.media.audio import write_wav
from codub.speech.inventory import INVENTORY, NUMBER, PAUSE
from codub.training.talking_clips import CutTools

SIZE = (240, 200)  # width, height
EDGE = 40  # columns
SOUND_RATE = 16_000
DARK, BRIGHT = 60, 200  # grey levels of a shut mouth and of one that is 0.4 eye distances open
WIDEST = 0.4


def openings(times: np.ndarray, seed: int = 0) -> np.ndarray:
    """Opening over the distance of the eyes at seconds: syllables at irregular moments, four or so a second."""
    rng = np.random.default_rng(seed)
    middles = np.cumsum(rng.uniform(0.15, 0.4, 200))
    heights = rng.uniform(0.3, 1.0, 200)
    bumps = heights * np.exp(-(((np.asarray(times)[:, None] - middles) / 0.06) ** 2))
    return np.asarray(WIDEST * np.clip(bumps.sum(1), 0, 1))


def write_talk(
    path: Path, seconds: float, *, rate: str = "25", late: float = 0.0, seed: int = 0, heard: int | None = 0
) -> Path:
    """A film whose sound is `late` seconds behind its picture; `heard` None: it has no sound, another seed: another's.

    Its size in the file is small, its container that of the path's ending.
    """
    above, _, below = rate.partition("/")
    exact = int(above) / int(below or 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = DARK + (BRIGHT - DARK) * openings((np.arange(round(seconds * exact)) + 0.5) / exact, seed) / WIDEST
    pictures = np.full((len(levels), SIZE[1], SIZE[0]), 128, np.uint8)
    pictures[:, :, :EDGE] = np.round(levels)[:, None, None]
    raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", rate, "-i", "pipe:0"]
    sound = path.with_name(f".{path.stem}.wav")
    if heard is not None:
        write_wav(sound, talk_sound(seconds, late, heard), SOUND_RATE)
        raw += ["-i", str(sound)]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-pix_fmt", "yuv420p", "-color_range", "pc"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *raw, *coded, str(path)]
    subprocess.run(command, input=pictures.tobytes(), check=True, capture_output=True)
    sound.unlink(missing_ok=True)
    return path


def talk_sound(seconds: float, late: float = 0.0, seed: int = 0) -> np.ndarray:
    """A vowel of 800 Hz as loud as the mouth is open `late` seconds before."""
    times = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    steps = np.arange(0, seconds + 0.01, 0.005)
    loud = np.interp(times, steps, openings(steps - late, seed)) / WIDEST
    return np.asarray(0.5 * loud * np.sin(2 * np.pi * 800 * times), np.float32)


class MadeFace:
    """Reads the opening from the picture's grey level; the face is in the middle, its eyes 40 pixels apart."""

    name, reason = "made up", ""

    def __init__(self, faces: int = 1) -> None:
        self.faces = faces

    def find(self, frame: np.ndarray, *, thorough: bool, known: object = ()) -> list[FaceLandmarks]:
        return [self._face(frame)] * self.faces

    def follow(self, frame: np.ndarray, previous: FaceLandmarks) -> FaceLandmarks | None:
        return self._face(frame) if self.faces else None

    def _face(self, frame: np.ndarray) -> FaceLandmarks:
        opening = WIDEST * (float(frame[::8, 4 : EDGE - 8 : 8].mean()) - DARK) / (BRIGHT - DARK)
        rng = np.random.default_rng(3)
        points = rng.uniform((80, 40), (160, 140), (468, 2)).astype(np.float32)
        points[OUTLINE[0], 0] = 76 - 10 * opening
        eyes = np.array([[100.0, 60.0], [140.0, 60.0]])
        stable = np.float32([[90, 55], [150, 55], [120, 40], [120, 80], [105, 60], [135, 62]])
        return FaceLandmarks(points, eyes, stable, points[list(OUTLINE)], opening, 0.8, 0.0, 1.0)


def hear(samples: np.ndarray) -> np.ndarray:
    """Log-probabilities `(P, T)`: "a" as likely as it is loud, else silence; what is heard stands 40 ms late."""
    late = np.concatenate([np.zeros(640, np.float32), samples])
    count = -(-len(samples) // 400)
    power = np.sqrt((np.resize(late, count * 400).reshape(count, 400) ** 2).mean(1)) / 0.36
    chance = np.full((len(INVENTORY), count), 1e-4)
    chance[NUMBER["a"]] += power
    chance[NUMBER[PAUSE]] += np.maximum(1 - power, 0)
    return np.asarray(np.log(chance / chance.sum(0)), np.float32)


def made_tools(faces: int = 1) -> CutTools:
    """Eyes and ears for made films; every voice is the same."""
    return CutTools(MadeFace(faces), hear, lambda samples: np.full(256, 1 / 16, np.float32))
