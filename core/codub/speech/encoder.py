"""Real sound into the joint space: Whisper's encoder and the adapter that we trained behind it.

One vector stands for 400 samples at 16 kHz (25 ms): a sound of n samples makes ceil(n / 400) vectors, the last of
them filled up with silence; vector t covers samples [400 t, 400 t + 400).
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file

from codub import weights
from codub.errors import WeightsError
from codub.files import replacing
from codub.latent import EMBEDDED, FloatArray, SpeechLatent
from codub.speech.adapter import SpeechAdapter
from codub.speech.hearing import Ear, load_ear
from codub.speech.inventory import INVENTORY
from codub.speech.listening import spans_of

ADAPTER_FILE = "speech-encoder.safetensors"

SAMPLES_PER_VECTOR = 400
CHUNK_VECTORS = 400  # 10 s are kept of each piece that is heard at once
CONTEXT_VECTORS = 60  # 1.5 s more are heard on either side
SHORTEST = 4  # vectors; Whisper's window needs some sound


class WhisperSpeechEncoder:
    """Hears 16 kHz sound of any length, in pieces, so that only the result grows with it."""

    space = EMBEDDED

    def __init__(self, ear: Ear, adapter: SpeechAdapter, device: str = "cpu") -> None:
        self._ear = ear
        self._adapter = adapter
        self._device = device

    def encode(self, samples: NDArray[np.float32]) -> SpeechLatent:
        """Latent of ceil(samples / 400) vectors, `origin` "sound"; F0 is 0 where no voice sounds."""
        heard = self.hear(samples)
        log_f0 = np.where(heard["voicing"][0] > 0, np.maximum(heard["log_f0"][0], 0.0), 0.0)
        return SpeechLatent(
            space=self.space,
            features=heard["features"],
            log_f0=log_f0.astype(np.float32),
            energy=heard["energy"][0],
            spans=spans_of(heard["phonemes"], float(self.space.rate)),
            origin="sound",
        )

    def posteriors(self, samples: NDArray[np.float32]) -> FloatArray:
        """Log-probabilities `(P, T)` of `inventory.INVENTORY` in every vector."""
        return self.hear(samples)["phonemes"]

    def hear(self, samples: NDArray[np.float32]) -> dict[str, FloatArray]:
        """All that is heard: features (512, T), phonemes (P, T) log-probabilities, voicing, log_f0, energy (1, 2T)."""
        vectors = max(1, -(-len(samples) // SAMPLES_PER_VECTOR))
        padded = np.zeros(vectors * SAMPLES_PER_VECTOR, dtype=np.float32)
        padded[: len(samples)] = samples
        pieces = [
            self._piece(padded, start, min(start + CHUNK_VECTORS, vectors))
            for start in range(0, vectors, CHUNK_VECTORS)
        ]
        return {name: np.concatenate([piece[name] for piece in pieces], axis=1) for name in pieces[0]}

    @torch.inference_mode()
    def _piece(self, samples: NDArray[np.float32], start: int, end: int) -> dict[str, FloatArray]:
        """Vectors [start, end), heard with context round them."""
        first = max(0, start - CONTEXT_VECTORS)
        sound = samples[first * SAMPLES_PER_VECTOR : (end + CONTEXT_VECTORS) * SAMPLES_PER_VECTOR]
        count = len(sound) // SAMPLES_PER_VECTOR
        if count < SHORTEST:
            sound = np.pad(sound, (0, (SHORTEST - count) * SAMPLES_PER_VECTOR))
            count = SHORTEST
        states, mel = self._ear(torch.from_numpy(np.ascontiguousarray(sound)).to(self._device))
        heard = self._adapter(states[None], mel[None], count)
        keep = slice(start - first, end - first)
        fine = slice(2 * (start - first), 2 * (end - first))
        return {
            "features": _array(heard.features[0, :, keep]),
            "phonemes": _array(heard.phonemes[0].log_softmax(dim=0)[:, keep]),
            "voicing": _array(heard.voicing[:, fine]),
            "log_f0": _array(heard.log_f0[:, fine]),
            "energy": _array(heard.energy[:, fine]),
        }


def load_speech_encoder(threads: int | None = None, device: str = "cpu") -> WhisperSpeechEncoder:
    """The speech encoder of the `embedded` profile; `threads` limits torch's, None leaves them.

    Raises:
        WeightsError: Whisper was not fetched, or the shipped adapter is missing or of another version.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    adapter = load_adapter(weights.shipped(ADAPTER_FILE))
    return WhisperSpeechEncoder(load_ear().to(device), adapter.to(device), device)


def save_adapter(adapter: SpeechAdapter, path: Path) -> None:
    """Write the adapter in half precision, with its inventory of phonemes."""
    state = {name: tensor.detach().half().contiguous() for name, tensor in adapter.state_dict().items()}
    with replacing(path) as temporary:
        save_file(state, str(temporary), metadata={"space": EMBEDDED.name, "phonemes": "\n".join(INVENTORY)})


def load_adapter(path: Path) -> SpeechAdapter:
    """The adapter from a file that `save_adapter` wrote, in evaluation mode.

    Raises:
        WeightsError: the file is broken, or was trained for another inventory or shape.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            phonemes = (file.metadata() or {}).get("phonemes", "").split("\n")
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - not a dict
        if tuple(phonemes) != INVENTORY:
            raise ValueError("it knows other phonemes")
        adapter = SpeechAdapter(phonemes=len(INVENTORY), width=state["enter.weight"].shape[0])
        adapter.load_state_dict(state)
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(
            f"'{path}' is not a speech encoder of this version.",
            cause=str(error).splitlines()[0],
            fix="Train it again (codub train speech-encoder), or install codub again.",
        ) from error
    return adapter.eval().requires_grad_(False)


def _array(values: torch.Tensor) -> FloatArray:
    return np.ascontiguousarray(values.cpu().numpy(), dtype=np.float32)
