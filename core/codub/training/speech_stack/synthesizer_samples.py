"""What a synthesizer's report shows of one held-out piece: how it sounds, its mel and its F0."""

from pathlib import Path

import torch

from codub.media.audio import write_wav
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.mel import log_mel
from codub.speech.hierspeechpp.reconstruction import HeardLines
from codub.timing import SPEECH_RATE
from codub.training.board import sample_name
from codub.training.speech_stack.plots import write_curves, write_heatmaps
from codub.training.speech_stack.ttv_samples import array_of, hertz

LATENT_NOISE = 0.333


@torch.no_grad()
def show_piece(network: HierarchicalSynthesizer, lines: HeardLines, step: int, folder: Path) -> None:
    """Files `sample-<step>-spoken.wav`, `-copied.wav`, `-recorded.wav`, `-mel.png`, `-f0.png`; the batch holds one.

    "Spoken" goes the way of synthesis, from features and F0 through both flows; "copied" through the posterior, which
    hears the sound itself: how good the waveform generator is by now.
    """
    random = torch.Generator().manual_seed(0)
    style = network.style(lines.mel, lines.mask)
    noise = torch.randn(1, network.size.latent, lines.mask.shape[2], generator=random).to(style.device)
    latents = {
        "spoken": network.latent(lines.features, lines.log_f0, lines.mask, style, LATENT_NOISE * noise),
        "copied": network.enc_q(lines.spectrogram, lines.sound, lines.mask, style).mean,
    }
    sounds = {"recorded": lines.sound, **{name: network.sound(latent, style) for name, latent in latents.items()}}
    start = sample_name(step)
    for name, sound in sounds.items():
        write_wav(folder / f"{start}-{name}.wav", array_of(sound[0, 0]), SPEECH_RATE)
    mels = [(name, array_of(log_mel(sound[:, 0])[0])) for name, sound in sounds.items()]
    write_heatmaps(folder / f"{start}-mel.png", mels)
    pitch = [(name, hertz(network.sn(latent, style)[1])) for name, latent in latents.items()]
    write_curves(folder / f"{start}-f0.png", [("recorded", hertz(lines.log_f0)), *pitch], "Hz")
