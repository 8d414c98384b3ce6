"""Clean sound as worse rooms and recorders would give it, so that a model trained on clean sound hears real films."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from codub.latent import FloatArray
from codub.timing import SPEECH_RATE


def worse_microphone(samples: FloatArray, random: np.random.Generator) -> FloatArray:
    """The same sound as another room and recorder might give it: tilt, band limits, noise, level.

    Each of them with its own chance; noise is white to brown at 5 to 35 dB below the speech.
    """
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / SPEECH_RATE)
    octaves = np.log2(np.maximum(hertz, 50.0) / 1000.0)
    curve = np.zeros_like(octaves)
    if random.random() < 0.7:
        curve += random.uniform(-3, 3) * octaves  # dB an octave
        curve += random.uniform(-6, 6) * np.cos(octaves * random.uniform(0.5, 2.0) + random.uniform(0, 6.28))
    if random.random() < 0.4:
        curve += _roll_off(hertz, random.uniform(3000, 7500), above=True)
    if random.random() < 0.4:
        curve += _roll_off(hertz, random.uniform(60, 300), above=False)
    out = np.fft.irfft(spectrum * 10 ** (curve / 20), len(samples))
    if random.random() < 0.3:
        out = _with_room(out, random)
    if random.random() < 0.7:
        shape = np.maximum(hertz, 50.0) ** -random.uniform(0, 1)
        noise = np.fft.irfft(np.fft.rfft(random.standard_normal(len(samples))) * shape, len(samples))
        level = np.sqrt(np.mean(out**2)) * 10 ** (-random.uniform(5, 35) / 20)
        out = out + noise * (level / max(float(np.sqrt(np.mean(noise**2))), 1e-9))
    gain = 10 ** (random.uniform(-18, 0) / 20) / max(float(np.abs(out).max()), 1e-6)
    return np.asarray(out * gain, dtype=np.float32)


def _roll_off(hertz: NDArray[Any], corner: float, *, above: bool) -> NDArray[np.float64]:
    beyond = np.log2(np.maximum(hertz, 1.0) / corner) * (1 if above else -1)
    return np.asarray(-18.0 * np.maximum(beyond, 0.0))


def _with_room(samples: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """A short exponential tail, 0.1 to 0.4 s to -60 dB, 6 to 20 dB below the direct sound."""
    count = int(random.uniform(0.1, 0.4) * SPEECH_RATE)
    tail = random.standard_normal(count) * 10 ** (-3 * np.linspace(0, 1, count))
    tail *= 10 ** (-random.uniform(6, 20) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    length = len(samples) + count
    wet = np.fft.irfft(np.fft.rfft(samples, length) * np.fft.rfft(tail, length), length)
    return np.asarray(wet[: len(samples)])
