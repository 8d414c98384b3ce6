"""How a line is said in sounds, told while it is being typed; without the project's lexicon."""

from codub.errors import CodubError


def preview(text: str, language: str) -> tuple[str, tuple[str, ...]]:
    """The sounds that the text is read as, and what of it is not said as it is written; the first call takes 0.1 s."""
    from codub.speech.phonemes import phonemize

    if not text.strip():
        return "", ()
    try:
        line = phonemize(text, language)
    except CodubError as error:
        return "", (error.message,)
    return "".join(line.symbols), line.notes
