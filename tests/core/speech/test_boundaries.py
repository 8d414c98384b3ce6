# ruff: noqa: RUF001 - IPA looks like Latin letters
"""Which symbols stand behind a span, and where a dragged boundary is heard when the line is said again."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from codub.errors import CueError
from codub.latent import EMBEDDED, PhonemeSpan, SpeechLatent
from codub.speech.boundaries import dragged, spans_symbols
from codub.speech.kokoro.voice import load_voice
from codub.speech.kokoro.voices import stock_voice
from codub.speech.model import Delivery, PhonemeLine, Style


def spans(*heard: str, step: float = 0.1) -> tuple[PhonemeSpan, ...]:
    return tuple(PhonemeSpan(phoneme, i * step, (i + 1) * step) for i, phoneme in enumerate(heard))


def latent(found: Sequence[PhonemeSpan]) -> SpeechLatent:
    count = round(found[-1].end * 40)
    curve = np.zeros(2 * count, np.float32)
    return SpeechLatent(EMBEDDED, np.zeros((512, count), np.float32), curve, curve, tuple(found))


def grouped(line: str, *heard: str) -> list[str]:
    return ["".join(line[i] for i in group) for group in spans_symbols(spans(*heard), tuple(line))]


def test_marks_and_spaces_go_where_they_are_heard() -> None:
    assert grouped("wiː kˈænt.", "", "w", "i", "k", "æ", "n", "t", "") == [
        "", "w", "iː ", "k", "ˈæ", "n", "t", "",
    ]  # fmt: skip


def test_a_pause_has_the_spaces_and_punctuation_of_its_place() -> None:
    assert grouped("ˈa, mˈi", "", "a", "", "m", "i", "") == ["", "ˈa", ", ", "m", "ˈi", ""]
    assert grouped("ˈa, ˈi", "a", "", "i") == ["ˈa", ", ", "ˈi"]


def test_the_same_sound_twice_is_two_and_swallowed_ends_are_nobodys() -> None:
    assert grouped("tata", "", "t", "a", "t", "a") == ["", "t", "a", "t", "a"]
    assert grouped("stop", "", "t", "o", "") == ["", "t", "o", ""]


def test_a_take_of_another_text_is_refused() -> None:
    with pytest.raises(CueError, match="another text"):
        grouped("hola", "a", "o")


def test_what_comes_before_keeps_its_place_and_what_comes_after_is_free() -> None:
    line, given = tuple("ata ti."), (0.1, 0.1, 0.1, 0.0, 0.1, 0.1, 0.0)
    found = latent(spans("a", "t", "a", "t", "i"))
    wanted = dragged(found, line, given, (2, 2), 0.35, Delivery(pitch=1.0))
    assert wanted == Delivery(pitch=1.0, durations=(0.1, 0.1, 0.15, None, None, None, None))
    # what was set before stays set
    further = dragged(found, line, given, (0, 0), 0.05, wanted)
    assert further.durations == (0.05, 0.1, 0.15, None, None, None, None)


def test_a_word_is_stretched_as_a_whole_and_never_to_nothing() -> None:
    line, given = tuple("ata ti"), (0.1, 0.05, 0.15, 0.0, 0.1, 0.1)
    found = latent(
        (*spans("a"), PhonemeSpan("t", 0.1, 0.15), PhonemeSpan("a", 0.15, 0.3), *spans("", "", "", "t", "i")[3:])
    )
    stretched = dragged(found, line, given, (0, 2), 0.6).durations
    assert stretched == (0.2, 0.1, 0.3, None, None, None)
    assert dragged(found, line, given, (0, 2), -5.0).durations == (0.025, 0.025, 0.025, None, None, None)


def test_silence_at_the_edges_and_unknown_takes_cannot_be_dragged() -> None:
    line, given = tuple("at."), (0.1, 0.1, 0.0)
    found = latent(spans("", "a", "t", ""))
    for edge in (0, 3):
        with pytest.raises(CueError, match="silence round a line"):
            dragged(found, line, given, (edge, edge), 0.5)
    with pytest.raises(CueError, match="not known how long"):
        dragged(found, line, (), (1, 1), 0.5)
    with pytest.raises(CueError, match="not the line's"):
        dragged(found, line, (0.1,), (1, 1), 0.5)


@pytest.mark.weights
def test_a_dragged_boundary_is_heard_where_it_was_dragged_to(weights_home: Path) -> None:
    ttv, style = load_voice().ttv, Style(EMBEDDED, stock_voice("am_michael"))
    line = PhonemeLine("", "en", tuple("wiː kˈænt stˈeɪ hˈɪɹ, ˌɛni lˈɔŋɡɚ."))
    take = ttv.speak(line, style, 2.1, 3)
    names = [span.phoneme for span in take.latent.spans]
    for sound, by in (("æ", 0.1), ("e", -0.05)):
        k = names.index(sound)
        wanted = dragged(take.latent, line.symbols, take.durations, (k, k), take.latent.spans[k].end + by)
        again = ttv.speak(line, style, 2.1, 3, wanted)
        assert again.latent.spans[k].end == pytest.approx(take.latent.spans[k].end + by)
        before = [span.start for span in again.latent.spans[1 : k + 1]]
        assert before == pytest.approx([span.start for span in take.latent.spans[1 : k + 1]], abs=0.0251)
        assert again.fit.spoken == pytest.approx(take.fit.spoken, abs=0.0251)
