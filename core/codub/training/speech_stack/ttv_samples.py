"""What a TTV's report shows of one held-out line: its alignment, its features, its F0, and how it sounds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.media.audio import write_wav
from codub.speech.hierspeechpp.mel import log_mel
from codub.speech.hierspeechpp.network import TextToVecNetwork, TrainingOutput
from codub.timing import SPEECH_RATE
from codub.training.board import sample_name
from codub.training.speech_stack.plots import write_curves, write_heatmaps
from codub.training.speech_stack.ttv_batches import TtvBatch

# w2v `(1, C, T)`, ln-F0 `(1, 1, 4 T)` and style mel `(1, 80, T)` to sound `(n,)` at 16 kHz
Synthesize = Callable[[Tensor, Tensor, Tensor], NDArray[np.float32]]

UNVOICED = np.log(55.0)  # the published pipeline sets ln-F0 below it to 0
DURATION_NOISE, LATENT_NOISE = 1.0, 0.333


@torch.no_grad()
def show_line(
    network: TextToVecNetwork,
    made: TrainingOutput,
    batch: TtvBatch,
    step: int,
    folder: Path,
    synthesize: Synthesize | None,
) -> None:
    """Files `sample-<step>-alignment.png`, `-w2v.png`, `-f0.png` and, with a synthesizer, `-text.wav`.

    The batch holds one line; `made` is its training pass, the text is read again from scratch.
    """
    start = folder / sample_name(step)
    name = start.name
    mel = log_mel(batch.sound)
    features, pitch = speak(network, batch.tokens, batch.token_lengths, mel)
    write_heatmaps(
        folder / f"{name}-alignment.png",
        [
            ("path: tokens over frames", array_of(made.path[0].T)),
            ("phonemes heard (CTC), over frames", array_of(made.phoneme_logits[0].float().softmax(0))),
        ],
    )
    write_heatmaps(
        folder / f"{name}-w2v.png",
        [
            ("recorded", _squeezed(batch.w2v[0])),
            ("through the posterior", _squeezed(made.w2v[0])),
            ("from the text", _squeezed(features[0])),
        ],
    )
    write_curves(
        folder / f"{name}-f0.png",
        [
            ("recorded", hertz(batch.log_f0)),
            ("of recorded features", hertz(network.pp(batch.w2v, network.style(mel)))),
            ("from the text", hertz(pitch)),
        ],
        "Hz",
    )
    if synthesize is not None:
        write_wav(folder / f"{name}-text.wav", synthesize(features, pitch, mel), SPEECH_RATE)


def speak(network: TextToVecNetwork, tokens: Tensor, lengths: Tensor, mel: Tensor) -> tuple[Tensor, Tensor]:
    """Features `(1, C, T)` and ln-F0 `(1, 1, 4 T)` of a text in the style of a mel, always with the same noise."""
    random = torch.Generator().manual_seed(0)
    style = network.style(mel)
    noise = torch.randn(1, 2, tokens.shape[1], generator=random).to(mel.device)
    prior = network.read(tokens, lengths, style, DURATION_NOISE * noise)
    # An untrained predictor may ask for minutes.
    durations = prior.durations().clamp(max=50)
    shape = (1, prior.mean.shape[1], int(durations.sum()))
    features, pitch = network.render(
        prior, durations, style, LATENT_NOISE * torch.randn(shape, generator=random).to(mel.device)
    )
    return features.float(), torch.where(pitch.float() < UNVOICED, 0.0, pitch.float())


def hertz(log_f0: Tensor) -> NDArray[np.float32]:
    """F0 `(F,)` in Hz of ln(F0 + 1) `(1, 1, F)`; 0 where it is below 55 Hz, above 1000 Hz drawn as that."""
    values = array_of(log_f0[0, 0])
    return np.where(values < UNVOICED, 0, np.expm1(np.minimum(values, np.log(1001.0)))).astype(np.float32)


def _squeezed(features: Tensor, rows: int = 128) -> NDArray[np.float32]:
    """Every eighth of 1024 channels, at most three deviations of all."""
    some = array_of(features[:: max(1, len(features) // rows)].float())
    spread = 3 * max(float(some.std()), 1e-6)
    return np.clip(some, some.mean() - spread, some.mean() + spread)


def array_of(values: Tensor) -> NDArray[np.float32]:
    """Values of any kind and device as float32 NumPy."""
    return np.asarray(values.detach().float().cpu().numpy(), dtype=np.float32)
