"""Lettering for previews: labels and subtitles, by Pillow, with a font of the machine or, where it has none, by hand.

Pillow's own font is ASCII: on a machine without fonts, accents are set onto its letters here, as on a typewriter.
"""

import unicodedata
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from codub.media.video import Frame

Font = ImageFont.FreeTypeFont

_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "arial.ttf",
    "Arial.ttf",
    "Helvetica.ttc",
    "NotoSansDevanagari-Regular.ttf",
    "Nirmala.ttf",
    "Kohinoor.ttc",
)
_WHITE, _DIM = (255, 255, 255), (150, 150, 150)
_PLAIN = str.maketrans(
    {
        "\u2018": "'",  # quotation marks
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",  # dashes
        "\u2014": "-",
        "\u2026": "...",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
    }
)
# Combining mark -> the sign that is set for it, and how far it is raised, in letter heights.
_MARKS = {
    "\u0300": ("`", 0.0),
    "\u0301": ("\u00b4", 0.0),
    "\u0302": ("^", 0.16),
    "\u0303": ("~", 0.36),
    "\u0308": ("..", 0.62),
    "\u030a": ("\u00b0", 0.1),
    "\u0327": (",", 0.0),
}
_CAPITAL_RISE = 0.2
_TURNED = {"¿": "?", "¡": "!"}


@lru_cache(maxsize=64)
def strip(left: str, right: str, time: str, size: tuple[int, int]) -> Frame:
    """A black strip `(width, height)` with a text in each half, two lines at most, and a time below, dimmed."""
    width, height = size
    image = Image.new("RGB", size)
    letters = max(10, height // 4)
    for text, start in ((left, 0), (right, width // 2)):
        for row, line in enumerate(_fitting(text, width // 2 - letters, letters)):
            x = start + (width // 2 - text_width(line, letters)) // 2
            _put(image, line, (x, round(letters * (0.25 + 1.25 * row))), letters, _WHITE)
    small = max(9, letters * 2 // 3)
    _put(image, time, ((width - text_width(time, small)) // 2, height - round(small * 1.3)), small, _DIM)
    return np.asarray(image)


@lru_cache(maxsize=8)
def label(text: str, letters: int) -> Frame:
    """Letters on a dark ground, for a corner of the picture."""
    image = Image.new("RGB", (text_width(text, letters) + letters, letters * 3 // 2), (32, 32, 32))
    _put(image, text, (letters // 2, letters // 5), letters, _WHITE)
    return np.asarray(image)


def wrapped(text: str, width: int, letters: int) -> list[str]:
    """The text in lines of at most `width` pixels, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, letters) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=1024)
def text_width(text: str, letters: int) -> int:
    """Pixels that the text takes at a height of `letters` pixels."""
    font = _machine_font(text, letters)
    if font is not None:
        return round(font.getlength(text))
    return round(sum(_advance(base, _plain_font(letters)) for base, _ in _typewritten(text)))


def _fitting(text: str, width: int, letters: int) -> list[str]:
    """Two lines; what does not fit ends in an ellipsis."""
    lines = wrapped(text, width, letters)
    if len(lines) <= 2:
        return lines
    last = lines[1]
    while last and text_width(f"{last} ...", letters) > width:
        last = last.rpartition(" ")[0]
    return [lines[0], f"{last} ..."]


def _put(image: Image.Image, text: str, at: tuple[int, int], letters: int, colour: tuple[int, int, int]) -> None:
    draw = ImageDraw.Draw(image)
    font = _machine_font(text, letters)
    if font is not None:
        draw.text(at, text, colour, font)
        return
    font, x = _plain_font(letters), float(at[0])
    for base, marks in _typewritten(text):
        if base in _TURNED:
            _put_turned(image, _TURNED[base], (round(x), at[1]), font, colour)
        else:
            draw.text((x, at[1]), base, colour, font)
        for mark in marks:
            sign, rise = _MARKS[mark]
            rise += _CAPITAL_RISE if base.isupper() and sign != "," else 0
            centred = x + (font.getlength(base) - font.getlength(sign)) / 2
            draw.text((centred, at[1] - rise * letters), sign, colour, font)
        x += _advance(base, font)


def _put_turned(image: Image.Image, sign: str, at: tuple[int, int], font: Font, colour: tuple[int, int, int]) -> None:
    """The sign upside down, a little lower: `¿` and `¡`."""
    left, top, right, bottom = (round(v) for v in font.getbbox(sign))
    stamp = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(stamp).text((-left, -top), sign, 255, font)
    place = (at[0] + left, at[1] + top + (bottom - top) // 4)
    image.paste(colour, place, stamp.rotate(180))


def _advance(base: str, font: Font) -> float:
    return font.getlength(_TURNED.get(base, base))


def _typewritten(text: str) -> list[tuple[str, str]]:
    """Letters that Pillow's font has, each with its combining marks; `?` for what has no such letter."""
    letters: list[tuple[str, str]] = []
    for sign in unicodedata.normalize("NFD", text.translate(_PLAIN)):
        if sign in _MARKS and letters:
            letters[-1] = (letters[-1][0], letters[-1][1] + sign)
        elif not unicodedata.combining(sign):
            letters.append((sign if sign.isascii() or sign in _TURNED else "?", ""))
    return letters


def _machine_font(text: str, letters: int) -> Font | None:
    """The first font of this machine that has every sign of the text."""
    for name in _FONTS:
        font = _opened(name, letters)
        if font is not None and all(_has(name, sign) for sign in text):
            return font
    return None


@lru_cache(maxsize=64)
def _opened(name: str, letters: int) -> Font | None:
    try:
        return ImageFont.truetype(name, letters)
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _has(name: str, sign: str) -> bool:
    font = _opened(name, 16)
    return sign.isspace() or (font is not None and bytes(font.getmask(sign)) != bytes(font.getmask("\uffff")))


@lru_cache(maxsize=8)
def _plain_font(letters: int) -> Font:
    font = ImageFont.load_default(letters)
    assert isinstance(font, Font)
    return font
