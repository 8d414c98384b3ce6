"""What a listener understood: Whisper's transcript, and how many of its words are wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from codub import weights
from codub.errors import CueError, UsageError, WeightsError
from codub.evaluation.wording import words
from codub.speech import whisper
from codub.speech.notation import PAUSES, STRESS
from codub.speech.phonemes import phonemize
from codub.timing import SPEECH_RATE

CHUNK_SAMPLES = 30 * SPEECH_RATE  # Whisper hears 30 s at once
LONGEST_ANSWER = 440  # tokens of one chunk; Whisper has 448 places


class Recogniser:
    """Greedy transcripts by a Whisper model."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer

    @torch.inference_mode()
    def transcribe(self, samples: NDArray[np.float32], language: str = "en") -> str:
        """What is said in 16 kHz mono sound of any length; `language` is a tag like "es" or "es-419".

        Raises:
            UsageError: Whisper does not know the language.
        """
        prompt = torch.tensor([self._prompt(language)])
        said = []
        for start in range(0, len(samples), CHUNK_SAMPLES):
            chunk = np.zeros(CHUNK_SAMPLES, dtype=np.float32)
            piece = samples[start : start + CHUNK_SAMPLES]
            chunk[: len(piece)] = piece
            mel = whisper.log_mel(torch.from_numpy(chunk), self._model.config.num_mel_bins)
            tokens = self._greedy(mel[None], prompt, longest=40 + 10 * len(piece) // SPEECH_RATE)
            said.append(self._tokenizer.decode(tokens, skip_special_tokens=True).strip())
        return " ".join(part for part in said if part)

    def _greedy(self, mel: torch.Tensor, prompt: torch.Tensor, longest: int) -> list[int]:
        """The likeliest token each time; timestamps are off, and the end may not come first."""
        heard = self._model.model.encoder(mel).last_hidden_state
        end, first_special = self._model.config.eos_token_id, self._model.config.eos_token_id + 1
        tokens: list[int] = []
        step, cache = prompt, None
        while len(tokens) < min(longest, LONGEST_ANSWER):
            out = self._model(decoder_input_ids=step, encoder_outputs=(heard,), cache=cache, use_cache=True)
            scores = out.logits[0, -1]
            scores[first_special:] = -torch.inf
            if not tokens:
                scores[end] = -torch.inf
            best = int(scores.argmax())
            if best == end:
                break
            tokens.append(best)
            step, cache = torch.tensor([[best]]), out.cache
        return tokens

    def _prompt(self, language: str) -> list[int]:
        marks = ("<|startoftranscript|>", f"<|{base_language(language)}|>", "<|transcribe|>", "<|notimestamps|>")
        numbers = [self._tokenizer.convert_tokens_to_ids(mark) for mark in marks]
        if numbers[1] in (None, self._tokenizer.unk_token_id):
            raise UsageError(f"Whisper does not know the language {language!r}.", fix='Give a tag like "en" or "es".')
        return numbers


def load_recogniser(folder: Path | None = None) -> Recogniser:
    """Whisper-base, or a larger Whisper of transformers' kind (`config.json`, weights, `tokenizer.json`) in `folder`.

    Raises:
        WeightsError: the weights are not on this machine, or not a Whisper model.
    """
    from transformers import PreTrainedTokenizerFast, WhisperForConditionalGeneration

    if folder is None:
        model = whisper.load_whisper()
        table = weights.find(whisper.ASSET, "tokenizer.json")
    else:
        table = folder / "tokenizer.json"
        if not table.is_file():
            raise WeightsError(f"'{folder}' holds no Whisper model.", cause="It has no tokenizer.json.")
        try:
            model = WhisperForConditionalGeneration.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError) as error:
            raise WeightsError(f"'{folder}' holds no Whisper model.", cause=str(error)) from error
    model.train(False)
    tokenizer: Any = PreTrainedTokenizerFast
    return Recogniser(model, tokenizer(tokenizer_file=str(table)))


def base_language(tag: str) -> str:
    """Two-letter language of a tag: "es-419" -> "es"."""
    return tag.replace("_", "-").split("-")[0].lower()


def word_error_rate(reference: str, hypothesis: str, language: str = "en") -> float:
    """Wrong, missing and extra words over the words of `reference`, after `wording.words` made both alike.

    0 for two empty texts, 1 for an invented one where nothing was said.
    """
    wanted, got = words(reference, language), words(hypothesis, language)
    if not wanted:
        return float(bool(got))
    return edit_distance(wanted, got) / len(wanted)


def sounds(text: str, language: str = "en") -> list[str]:
    """The sounds of a text as espeak-ng reads it, its stress and pauses aside: homophones have the same."""
    try:
        line = phonemize(text, language)
    except CueError:  # there is nothing in it to say
        return []
    return [symbol for symbol in line.symbols if symbol not in PAUSES and symbol not in STRESS]


def edit_distance(wanted: list[str], got: list[str]) -> int:
    """Fewest substitutions, deletions and insertions (Levenshtein)."""
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]
