"""How long voice and picture of a scene take on this machine: measured while dubbing, kept beside the takes."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from codub.dubbing.estimate import BUSY_CORES, COSTS, FACE_PER_FRAME, relative_speed
from codub.dubbing.profile import Profile
from codub.files import replacing

FILE_NAME = "rates.json"
NEWEST = 0.4  # weight of the newest measurement
_NAMES = ("voice", "picture")


class Rates:
    """Wall-clock seconds a second of speech and a frame of picture; before anything was measured, estimates.

    A file that cannot be understood counts as none: the next measurement replaces it.
    """

    def __init__(
        self, folder: Path, profile: Profile, device: str, speed: Callable[[], float] = relative_speed
    ) -> None:
        self._path = folder / FILE_NAME
        self._kind = f"{profile.name} on {device}"  # each has its own
        self._voice = COSTS[profile.voice].per_second
        self._speed = speed
        self._all = _read(self._path)
        self._measured: dict[str, float] = dict(self._all.get(self._kind, {}))
        self._estimates: dict[str, float] = {}

    def voice(self, seconds: float) -> float:
        """Seconds that so many seconds of speech will take."""
        return self._rate("voice") * seconds

    def picture(self, frames: int) -> float:
        """Seconds that so many frames will take."""
        return self._rate("picture") * frames

    def measured(self, name: str, amount: float, took: float) -> None:
        """Take in that an `amount` of "voice" (seconds) or "picture" (frames) took so many seconds."""
        if amount <= 0 or took <= 0:
            return
        before = self._measured.get(name, took / amount)
        self._measured[name] = before + NEWEST * (took / amount - before)
        self._all[self._kind] = self._measured
        with replacing(self._path) as temporary:
            temporary.write_text(json.dumps(self._all, indent=1), encoding="utf-8")

    def _rate(self, name: str) -> float:
        if name in self._measured:
            return self._measured[name]
        if not self._estimates:
            share = self._speed() * min(BUSY_CORES, os.cpu_count() or 1)
            self._estimates = {"voice": self._voice / share, "picture": FACE_PER_FRAME / share}
        return self._estimates[name]


def _read(path: Path) -> dict[str, dict[str, float]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(kind): {name: float(rates[name]) for name in _NAMES if float(rates.get(name, 0)) > 0}
            for kind, rates in content.items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
