"""The equaliser's gains as the speaker encoder would have them: a little more here, a little less there.

Gains that bring a voice's long-term spectrum to its speaker's make it as bright as they are. What of their timbre a
style does not reach, other gains make up for in part. They are looked for along cepstra, so that no single band is
played upon, and what they differ by from the recording's costs something. No gradient goes through the decoder: five
lines take 4 CPU-seconds.

Six people (four of train-clean-100, one of GRID, the ARCTIC voice), six other lines in five languages, SECS / CAM++ /
DistillMOS as drawn: by the recordings' spectrum alone 0.733 / 0.305 / 4.37, by ear 0.773 / 0.317 / 4.34. Fitted in 16
steps that heard the former, then by the recordings' spectrum, 0.769 / 0.328 / 4.22; by ear both times 0.794 / 0.345 /
4.27: what gains do, the style need not.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import idct
from torch import Tensor

from codub.speech.equaliser import BANDS, LIMIT, equalised, log_amplitudes
from codub.speech.sound_gains import CEPSTRA
from codub.speech.speaker import SpeakerEncoder
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]

FIRST = 3  # cepstrum
STEPS = 12  # as near as 30 of a smaller rate, in four tenths of the time
LEARNING_RATE = 2.2  # dB of a cepstrum, at the first step
# Of cosine, for a mean square of 1 dB: gains move by 2 to 3 dB. The six people after fits that heard three lines: with
# 0.002 SECS 0.795, DistillMOS 4.21; with 0.005 0.787, 4.23.
RESTRAINT = 0.002


def gains_by_ear(
    gains: FloatArray, spoken: Sequence[FloatArray], wanted: FloatArray, encoder: SpeakerEncoder
) -> FloatArray:
    """The gains `(40,)` in dB moved, by 8 dB at most, to where what is spoken is most like the embedding `wanted`.

    `spoken` are lines of the voice at 16 kHz, without gains; `wanted` is `(256,)`. Equal lines give equal gains.
    """
    spectra = [_spectrum(equalised(samples, SPEECH_RATE, gains), encoder.device) for samples in spoken]
    target = torch.from_numpy(wanted).to(encoder.device)
    shapes = idct(np.eye(BANDS)[FIRST:CEPSTRA], axis=1, norm="ortho").astype(np.float32)
    to_bands = torch.from_numpy(shapes).to(encoder.device)
    cepstra = torch.zeros(len(shapes), device=encoder.device, requires_grad=True)
    optimizer = torch.optim.Adam([cepstra], lr=LEARNING_RATE)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * (1 - step / STEPS)
        optimizer.zero_grad()
        for spectrum, a_dB in spectra:
            move = cepstra @ to_bands
            wave = torch.fft.irfft(spectrum * torch.exp(move @ a_dB))
            likeness = torch.dot(encoder.network(wave)[0], target)
            cost = (RESTRAINT * move.square().mean() - likeness) / len(spectra)
            cost.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    moved = (cepstra @ to_bands).numpy(force=True)
    return np.asarray(gains + np.clip(moved, -LIMIT, LIMIT), dtype=np.float32)


def _spectrum(samples: FloatArray, device: str) -> tuple[Tensor, Tensor]:
    """Of an even number of samples `(1, F)`, and what a dB of each band adds to its logarithm `(40, F)`."""
    even = torch.from_numpy(samples[: len(samples) // 2 * 2].copy())[None].to(device)
    hertz = np.fft.rfftfreq(even.shape[1], 1 / SPEECH_RATE)
    return torch.fft.rfft(even), torch.from_numpy(log_amplitudes(hertz).astype(np.float32)).to(device)
