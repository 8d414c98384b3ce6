"""The equaliser's gains as the speaker encoder would have them: a little more here, a little less there.

Gains that bring a voice's long-term spectrum to its speaker's make it as bright as they are. What of their timbre a
style does not reach, other gains make up for in part. They are looked for along cepstra, so that no single band is
played upon, the first two left as they are: how bright a voice is, the recording says. What they differ by from the
recording's costs something. No gradient goes through the decoder: five lines take 4 CPU-seconds.

Three people of train-clean-100 and one of GRID, six other lines in five languages, SECS / CAM++ / DistillMOS as drawn:
by the recordings' spectrum alone 0.726 / 0.299 / 4.42, by ear 0.767 / 0.317 / 4.42. Were the first two cepstra moved
too it would be 0.775 / 0.315 / 4.36, and a voice up to 5 dB brighter than its speaker. So moved, fits of six people
came to 0.794 / 0.345 / 4.27 that heard the gains and got them anew, 0.769 / 0.328 / 4.22 by the recordings' spectrum
alone: what gains do, a style need not. So moved too, from worse recordings of two of them, SECS as drawn: of a second
and a half 0.61 to 0.67, in white noise at 20 dB 0.62 to 0.65, at 10 dB 0.59 to 0.58, clipped 0.60 to 0.60.
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

FIRST = 3  # of the cepstra that are moved
STEPS = 12  # as near as 30 of a smaller rate, in four tenths of the time
LEARNING_RATE = 2.2  # dB of a cepstrum, at the first step
# Of cosine, for a mean square of 1 dB: gains move by 2 to 3 dB. The four as drawn, with 0.003: SECS 0.764, CAM++ 0.315,
# DistillMOS 4.43.
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
