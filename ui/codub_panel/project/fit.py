"""How long a line will take to say, told while it is being typed and before any model runs."""

from fractions import Fraction

from codub.speech.marks import plain

# Seconds a character and seconds a line of the embedded voice at its natural pace: a straight line through 2,152
# spoken lines, standard error 0.5 s (en), 0.25 s (es, pt), 0.4 s (it). Other languages: the mean of these.
_PACE = {"en": (0.0564, 0.40), "es": (0.0522, 0.30), "it": (0.0549, 0.45), "pt": (0.0577, 0.30)}
_OTHER = (0.0553, 0.36)
_DIGIT = 4  # characters that a digit is spoken as, about
_SHORTEST, _LONGEST = 0.8, 1.25  # how far the voice bends its pace to fit a window


def natural_seconds(text: str, language: str) -> float:
    """Length of the line at the voice's natural pace, by its letters; 0 for an empty line."""
    text = plain(text)
    if not text:
        return 0.0
    a_character, a_line = _PACE.get(language.lower().partition("-")[0], _OTHER)
    characters = len(text) + (_DIGIT - 1) * sum(letter.isdigit() for letter in text)
    return a_line + a_character * characters


def misfit(text: str, language: str, window: Fraction, pace: float = 1.0) -> float:
    """Seconds that the line will be too long (above 0) or too short (below 0) once its pace is bent; 0 if it fits.

    `pace` is what its delivery asks for on top: 1.1 is a tenth faster.
    """
    natural = natural_seconds(text, language)
    if not natural:
        return 0.0
    shortest, longest = natural * _SHORTEST, natural * _LONGEST
    spoken = min(max(float(window), shortest), longest) / pace
    return spoken - float(window)


def characters_off(text: str, language: str, window: Fraction, pace: float = 1.0) -> int:
    """How many characters the line has too many (above 0) or too few (below 0) for its window; 0 if it fits."""
    a_character, _ = _PACE.get(language.lower().partition("-")[0], _OTHER)
    off = misfit(text, language, window, pace)
    return round(off * pace / (a_character * (_SHORTEST if off > 0 else _LONGEST)))
