"""What a dub will take: CPU seconds and memory, from costs measured once and this machine's own speed."""

import os
import time
from dataclasses import dataclass

import numpy as np

from codub.dubbing.profile import Profile
from codub.dubbing.shots import Plan


@dataclass(frozen=True)
class VoiceCosts:
    """What a voice model costs: CPU-seconds per second of speech and for loading all models once, bytes of memory.

    `hearing` are bytes more for the speech encoder, which only a human recording needs.
    """

    per_second: float
    loading: float
    memory: float
    hearing: float = 0.0


# CPU-seconds on the machine the costs were measured on (tests/benchmarks/shot.py; a 2-core x86-64 virtual machine).
COSTS = {
    "kokoro": VoiceCosts(per_second=0.9, loading=12.0, memory=1.9e9),
    "hierspeechpp": VoiceCosts(per_second=0.8, loading=15.0, memory=2.5e9, hearing=1.0e9),
}
FACE_PER_FRAME = 0.08  # per frame and 360 x 288 pixels: decode, follow, generate, composite, encode
PIXELS = 360 * 288
PIXEL_SHARE = 0.3  # the part of a frame's cost that grows with its pixels
BUSY_CORES = 1.2  # the stages keep little more than one core busy
REFERENCE_PRODUCT = 0.034  # s for the matrix product below on that machine, one thread
FRAMES_HELD = 48  # frames in memory at once, whatever the shot's length


@dataclass(frozen=True)
class Estimate:
    """Wall-clock seconds and peak bytes of memory; `relative_speed` compares this machine's core with the measured."""

    seconds: float
    memory: float
    relative_speed: float


def estimate(
    plan: Plan, profile: Profile, *, takes: int, voices_cached: int, fit_seconds: float, recording: bool = False
) -> Estimate:
    """Time and memory for `takes` takes of every shot of the plan; `recording`: of a human performance."""
    from codub.media.probe import probe

    costs, speed = COSTS[profile.voice], relative_speed()
    cores = min(BUSY_CORES, os.cpu_count() or 1)
    speech = sum(float(shot.window) for shot in plan.shots)
    work, largest = costs.per_second * speech * takes + costs.loading, 0
    for job in plan.clips:
        video = probe(job.clip.media).require_video()
        pixels = video.width * video.height
        largest = max(largest, pixels)
        share = 1 - PIXEL_SHARE + PIXEL_SHARE * pixels / PIXELS
        work += FACE_PER_FRAME * share * job.clip.frame_count * takes
    unfitted = max(0, len({shot.voice for shot in plan.shots}) - voices_cached)
    fits = unfitted * fit_seconds if profile.fit_seconds else 0.0  # without a limit a voice is heard, not fitted
    memory = costs.memory + (costs.hearing if recording else 0.0) + FRAMES_HELD * 3 * largest
    return Estimate(work / cores / speed + fits, memory, speed)


def relative_speed() -> float:
    """This machine's core against the measured one: 2.0 is twice as fast. Takes about 0.2 s."""
    matrix = np.random.default_rng(0).standard_normal((768, 768)).astype(np.float32)
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        for _ in range(4):
            np.matmul(matrix, matrix)
        best = min(best, time.process_time() - started)
    return REFERENCE_PRODUCT / max(best, 1e-4)
