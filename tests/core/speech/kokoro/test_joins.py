"""Long lines are read in pieces, cut at sentence ends; where they are joined nothing is heard of it."""

from pathlib import Path

import numpy as np
import pytest

from codub.latent import EMBEDDED, SILENCE
from codub.speech import pieces
from codub.speech.kokoro import ttv
from codub.speech.kokoro.voice import load_voice
from codub.speech.kokoro.voices import stock_voice
from codub.speech.model import Style
from codub.speech.phonemes import phonemize

TEXT = "We saw it. They came too."


def test_four_hundred_characters_are_cut_at_sentence_ends_and_nothing_is_lost() -> None:
    text = "We walked along the old river bank. Nobody was there! Was it late? I could not say, and so we went on. " * 4
    assert len(text) > 400
    symbols = phonemize(text, "en").symbols
    parts = pieces.split(symbols, ttv.COMFORTABLE)
    assert len(parts) > 1
    assert all(part[-1] in ".!?" for part in parts[:-1])
    assert all(len(part) <= ttv.COMFORTABLE for part in parts)
    assert [s for part in parts for s in part if s != " "] == [s for s in symbols if s != " "]


@pytest.mark.weights
def test_a_join_steps_no_further_than_speech_does(weights_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ttv, "COMFORTABLE", 16)
    voice = load_voice()
    line = phonemize(TEXT, "en")
    assert len(pieces.split(line.symbols, 16)) == 2
    style = Style(EMBEDDED, stock_voice("am_michael"))
    latent = voice.ttv.speak(line, style, None, 0).latent
    speech = voice.synthesizer.synthesize(latent, style)
    steps = np.abs(np.diff(speech.samples))
    (pause,) = [span for span in latent.spans[1:-1] if span.phoneme == SILENCE]
    first, last = (round(at * speech.sample_rate) for at in (pause.start, pause.end))
    inside = steps[first:last]
    outside = np.concatenate([steps[:first], steps[last:]])
    assert inside.max() < np.percentile(outside, 99)
