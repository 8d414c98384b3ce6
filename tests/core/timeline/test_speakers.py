"""Names at the head of lines, and what only looks like one."""

import pytest

from codub.timeline.speakers import Spoken, speakers_of


def one(text: str) -> Spoken:
    ((spoken,),) = speakers_of([text])
    return spoken


@pytest.mark.parametrize(
    ("text", "speaker", "rest"),
    [
        ("ANNA: Hola.", "ANNA", "Hola."),
        ("ANNA:\nHola.", "ANNA", "Hola."),
        ("[ANNA] Hola.", "ANNA", "Hola."),
        ("[Anna] Hola.", "Anna", "Hola."),
        ("[ANNA]: Hola.", "ANNA", "Hola."),
        ("- DR. O'HARA: Sí.", "DR. O'HARA", "Sí."),
        ("MAN 2: ¿Qué?", "MAN 2", "¿Qué?"),
        ("JOSÉ MARÍA: No.", "JOSÉ MARÍA", "No."),
        ("ANNA (whispering): Ven.", "ANNA", "Ven."),
    ],
)
def test_names(text: str, speaker: str, rest: str) -> None:
    assert one(text) == Spoken(speaker, rest)


@pytest.mark.parametrize(
    "text",
    [
        "Note: the door is open.",
        "NOTE: the door is open.",
        "12:30 is fine.",
        "At 12:30: we go.",
        "http://example.org is down.",
        "Remember: run.",
        "He said: run.",
        "What I mean is this: run.",
        "ANNA:",
        "[door slams] Hello.",
        "[Laughing] Hello.",
        "[SIGHS] Hello.",
        "- Hello.",
        "99: a number.",
    ],
)
def test_no_names(text: str) -> None:
    assert one(text).speaker == ""


def test_the_text_of_what_is_no_name_stays() -> None:
    assert one("Remember: run.").text == "Remember: run."
    assert one("12:30 is fine.").text == "12:30 is fine."


def test_a_name_in_small_letters_needs_the_file_to_bear_it_out() -> None:
    twice = speakers_of(["Anna: One.", "Two.", "Three.", "Four.", "Anna: Five."])
    assert [spoken.speaker for (spoken,) in twice] == ["Anna", "", "", "", "Anna"]
    everybody = speakers_of(["Anna: One.", "Ben: Two.", "Old Man: Three."])
    assert [spoken.speaker for (spoken,) in everybody] == ["Anna", "Ben", "Old Man"]
    once = speakers_of(["Anna: One.", "Two.", "Three."])
    assert once[0] == (Spoken("", "Anna: One."),)


@pytest.mark.parametrize("mark", ["(O.S.)", "(V.O.)", "(off)", "(OS)", "V.O."])
def test_off_screen_marks(mark: str) -> None:
    assert one(f"ANNA {mark}: Hola.") == Spoken("ANNA", "Hola.", on_screen=False)
    assert one("OFFICER: Hola.").on_screen


def test_dashes_without_names_are_one_text() -> None:
    assert one("- Hi.\n- Hello.") == Spoken("", "Hi. Hello.")


def test_two_names_are_two_turns() -> None:
    ((first, second),) = speakers_of(["- ANNA: Hi\nthere.\n- BEN: Hello."])
    assert (first, second) == (Spoken("ANNA", "Hi there."), Spoken("BEN", "Hello."))
