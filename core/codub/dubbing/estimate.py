"""What a dub will take: CPU seconds and memory, from costs measured once and this machine's own speed."""

import os
import time
from dataclasses import dataclass

import numpy as np

from codub.dubbing.plan import Plan
from codub.dubbing.profile import Profile

# CPU-seconds on the machine the costs were measured on (tests/benchmarks/shot.py; a 2-core x86-64 virtual machine).
VOICE_PER_SECOND = 0.9  # per second of speech
FACE_PER_FRAME = 0.08  # per frame and 360 x 288 pixels: decode, follow, generate, composite, encode
PIXELS = 360 * 288
PIXEL_SHARE = 0.3  # the part of a frame's cost that grows with its pixels
BUSY_CORES = 1.2  # the stages keep little more than one core busy
LOADING = 12.0  # loading all models once
REFERENCE_PRODUCT = 0.034  # s for the matrix product below on that machine, one thread
BASE_MEMORY = 1.9e9  # bytes, all models loaded
FRAMES_HELD = 48  # frames in memory at once, whatever the shot's length


@dataclass(frozen=True)
class Estimate:
    """Wall-clock seconds and peak bytes of memory; `relative_speed` compares this machine's core with the measured."""

    seconds: float
    memory: float
    relative_speed: float


def estimate(plan: Plan, profile: Profile, *, takes: int, voices_cached: int, fit_seconds: float) -> Estimate:
    """Time and memory for `takes` takes of every shot of the plan."""
    from codub.media.probe import probe

    speed = relative_speed()
    cores = min(BUSY_CORES, os.cpu_count() or 1)
    speech = sum(float(shot.window) for shot in plan.shots)
    work, largest = VOICE_PER_SECOND * speech * takes + LOADING, 0
    for job in plan.clips:
        video = probe(job.clip.media).require_video()
        pixels = video.width * video.height
        largest = max(largest, pixels)
        share = 1 - PIXEL_SHARE + PIXEL_SHARE * pixels / PIXELS
        work += FACE_PER_FRAME * share * job.clip.frame_count * takes
    fits = max(0, len({shot.voice for shot in plan.shots}) - voices_cached) * fit_seconds
    return Estimate(work / cores / speed + fits, BASE_MEMORY + FRAMES_HELD * 3 * largest, speed)


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
