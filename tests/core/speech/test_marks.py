# ruff: noqa: RUF001 - IPA looks like Latin letters
import pytest

from codub.speech import marks
from codub.speech.hierspeechpp.text import phonemize as published
from codub.speech.phonemes import phonemize


def said(text: str, language: str = "en") -> str:
    return "".join(phonemize(text, language).symbols)


def test_ipa_and_respelling_are_said_in_place_of_the_word() -> None:
    assert said("[Nguyen](/wˈɪn/) came") == "wˈɪn kˈeɪm"
    assert said("[Nguyen](/w'in/) came") == "wˈin kˈeɪm"
    assert said("Here is [Siobhan](shivawn).") == said("Here is shivawn.")
    assert said("[don’t](/doː/), he said") == "doː, hiː sˈɛd"


def test_words_of_another_language_are_read_in_it() -> None:
    assert said("She said [bon voyage](@fr)!") == f"ʃiː sˈɛd {said('bon voyage', 'fr')}!"
    note = phonemize("[Auto](@de) here", "en").notes
    assert len(note) == 1
    assert "'de'" in note[0]


@pytest.mark.parametrize(
    ("text", "seconds"), [("Wait [0.4s] now", 0.4), ("Wait, [400ms] now", 0.4), ("Wait... [1,5s] now", 1.5)]
)
def test_a_pause_holds_the_mark_that_stands_there(text: str, seconds: float) -> None:
    line = phonemize(text, "en")
    ((at, held),) = line.held
    assert held == seconds
    assert line.symbols[at] in ",…"
    assert "".join(line.symbols).count(",") + "".join(line.symbols).count("…") == 1
    assert line.notes == ()


def test_a_pause_at_the_edge_is_not_made_and_said() -> None:
    line = phonemize("[0.5s] Hi [1s]", "en")
    assert line.held == ()
    assert len(line.notes) == 2


def test_a_stress_mark_moves_the_stress() -> None:
    assert said("record") == "ɹˈɛkɚd"
    assert said("re^cord") == "ɹɛkˈɚd"
    assert said("^hello") == "hˈəloʊ"
    assert said("ca^non", "es") == "kanˈon"


def test_emphasis_changes_no_sound_and_counts_words() -> None:
    text = "I *never* said **she [stole](/stoʊl/) it**, [0.3s] *you* did"
    assert marks.plain(text) == "I never said she stole it, you did"
    assert marks.emphasised(text) == {1: 1.0, 3: 2.0, 4: 2.0, 5: 2.0, 6: 1.0}
    assert said("I *never* lie") == said("I never lie")
    assert marks.emphasised("5 * 3 * 2") == {}


def test_what_ipa_no_voice_has_is_noted() -> None:
    (note,) = phonemize("[click](/kǃik/) it", "en").notes
    assert "ǃ" in note


def test_the_published_voice_follows_respellings_and_notes_the_rest() -> None:
    assert published("[Siobhan](shivawn) *came*", "en").symbols == published("shivawn came", "en").symbols
    line = published("[Nguyen](/wɪn/) [0.4s] came", "en")
    assert len(line.notes) == 2
    assert "".join(line.symbols).count(",") == 1


def test_a_name_with_a_pronunciation_is_no_speaker() -> None:
    from codub.timeline.speakers import speakers_of

    ((spoken,),) = speakers_of(["[Nguyen](/wˈɪn/) came home."])
    assert spoken.speaker == ""
    assert spoken.text.startswith("[Nguyen](")
