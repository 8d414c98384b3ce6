"""The voice of the `embedded` profile: Kokoro-82M taken apart into a text side and a sound side."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from codub.errors import WeightsError
from codub.speech import pieces
from codub.speech.hierspeechpp.tiles import keep_freed_memory
from codub.speech.kokoro import importing
from codub.speech.kokoro.byte_conv import bytes_are_fast
from codub.speech.kokoro.decoder import FEATURES, Decoder
from codub.speech.kokoro.fused_decoder import FusedDecoder
from codub.speech.kokoro.half_reading import FusedProsody, HalfLSTM
from codub.speech.kokoro.prosody import Prosody
from codub.speech.kokoro.synthesizer import KokoroSynthesizer
from codub.speech.kokoro.text import TextEncoder
from codub.speech.kokoro.ttv import KokoroTextToVec
from codub.speech.kokoro.voices import HALF, stock_voices
from codub.speech.model import PhonemeLine, Speech, Style

_OF_PROSODY = ("bert.", "bert_encoder.", "predictor.")


@dataclass(frozen=True)
class KokoroVoice:
    """The two halves of the voice model; they share nothing but the latent space."""

    ttv: KokoroTextToVec
    synthesizer: KokoroSynthesizer

    def say(self, line: PhonemeLine, style: Style) -> Iterator[Speech]:
        """The line at its natural pace, sentence after sentence and in each pause after pause, as soon as it is made.

        For hearing it at once; a take is spoken whole.

        Raises:
            CueError: a symbol is not in the vocabulary.
        """
        for sentence in pieces.sentences(line.symbols):
            latent = self.ttv.speak(PhonemeLine(line.text, line.language, sentence), style, None, 0).latent
            yield from self.synthesizer.stream(latent, style)


def load_voice(threads: int | None = None, device: str = "cpu") -> KokoroVoice:
    """The voice model, ready to speak; `threads` limits torch's, None leaves them.

    Raises:
        WeightsError: the weights were not fetched.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    text_encoder, prosody, decoder = load_networks()
    if torch.device(device).type == "cpu" and bytes_are_fast():
        return fuse(text_encoder, prosody, decoder)
    return KokoroVoice(
        KokoroTextToVec(text_encoder.to(device), prosody.to(device), device),
        KokoroSynthesizer(decoder.to(device), device),
    )


@torch.inference_mode()
def fuse(text_encoder: TextEncoder, prosody: Prosody, decoder: Decoder) -> KokoroVoice:
    """The voice in bytes, levelled for the stock voices; `prosody` is taken over. 110 MB and 1 CPU-second.

    The first time on a machine it takes 2, for the passes that are compiled.
    """
    keep_freed_memory()
    styles = torch.from_numpy(np.stack(list(stock_voices().values())))
    text_encoder.lstm = HalfLSTM(text_encoder.lstm)
    fused = FusedDecoder(decoder, styles[:, :HALF])
    # compiles the passes, so that no line waits for it
    fused(torch.zeros(1, FEATURES, 4), torch.zeros(1, 8), torch.zeros(1, 8), styles[:1, :HALF])
    return KokoroVoice(
        KokoroTextToVec(text_encoder, FusedProsody(prosody)),
        KokoroSynthesizer(decoder, fused=fused),
    )


def load_networks() -> tuple[TextEncoder, Prosody, Decoder]:
    """The three networks on the CPU, in evaluation mode, their weights without gradients.

    Raises:
        WeightsError: the weights were not fetched, or are not whole.
    """
    path = importing.voice_weights()
    text_encoder, prosody, decoder = TextEncoder(), Prosody(), Decoder()
    try:
        tensors = load_file(str(path))
        text_encoder.load_state_dict(_under("text_encoder.", tensors), assign=True)
        prosody.load_state_dict(
            {name: value for name, value in tensors.items() if name.startswith(_OF_PROSODY)}, assign=True
        )
        decoder.load_state_dict(_under("decoder.", tensors), assign=True)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise WeightsError(
            f"'{path}' does not hold the voice's weights.",
            cause=str(error).splitlines()[0],
            fix="`codub doctor` says which weights are not whole, and how to get them again.",
        ) from error
    for network in (text_encoder, prosody, decoder):
        network.eval().requires_grad_(False)
    return text_encoder, prosody, decoder


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
