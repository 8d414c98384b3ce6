"""The front end that training hears through: imported wav2vec 2.0 weights, YAAPT, espeak-ng."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from codub import imported, weights
from codub.latent import FloatArray
from codub.speech.checkpoint_file import read_checkpoint
from codub.speech.hierspeechpp.alphabet import ids
from codub.speech.hierspeechpp.checkpoints import identify
from codub.speech.hierspeechpp.f0 import measured_f0
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.loading import load_network
from codub.speech.hierspeechpp.synthesizer_size import PUBLISHED
from codub.speech.hierspeechpp.text import phonemize
from codub.speech.hierspeechpp.w2v import W2vSize, load_w2v
from codub.training.speech_stack.features import FrontEnd
from codub.training.speech_stack.ttv_samples import Synthesize, array_of

LANGUAGE = "en"
W2V, SYNTHESIZER = "mms-300m", "synthesizer"


def load_front_end(
    file: Path | None = None, size: W2vSize | None = None, device: str | torch.device = "cpu"
) -> FrontEnd:
    """The front end with the imported weights of wav2vec 2.0, or with those of a file.

    Raises:
        WeightsError: nothing was imported, or the file holds another model.
    """
    path = file or imported.find(W2V)
    front = load_w2v(read_checkpoint(path).tensors, size).to(device)

    @torch.inference_mode()
    def features(sound: FloatArray) -> FloatArray:
        return array_of(front(torch.from_numpy(sound)[None].to(device))[0])

    def phonemes(text: str) -> NDArray[np.int64]:
        return np.array(ids(phonemize(text, LANGUAGE).symbols), dtype=np.int64)

    sha = weights.sha256_of(path) if file else imported.recorded_sha256(W2V)
    return FrontEnd(f"wav2vec 2.0 {sha}", features, measured_f0, phonemes)


def load_voice(
    file: Path | None = None, device: str | torch.device = "cpu", features: int = PUBLISHED.features
) -> Synthesize | None:
    """What lets a TTV's samples be heard: a synthesizer of the published size from a file, else the imported one.

    None where there is neither, or where the TTV makes other `features` than that synthesizer takes.

    Raises:
        WeightsError: the file is not that of such a synthesizer.
    """
    if features != PUBLISHED.features:
        return None
    if file is not None:
        network = HierarchicalSynthesizer()
        network.load_state_dict(dict(identify(read_checkpoint(file), SYNTHESIZER).tensors))
        network.eval().requires_grad_(False)
    elif imported.present(imported.IMPORTED[SYNTHESIZER]):
        network = load_network(SYNTHESIZER, HierarchicalSynthesizer)
    else:
        return None
    network.to(device)

    def synthesize(features: torch.Tensor, log_f0: torch.Tensor, mel: torch.Tensor) -> FloatArray:
        mask, own = features.new_ones(1, 1, features.shape[2]), mel.new_ones(1, 1, mel.shape[2])
        noise = features.new_zeros(1, network.size.latent, features.shape[2])
        return array_of(network(features, log_f0, mask, network.style(mel, own), noise)[0, 0])

    return synthesize
