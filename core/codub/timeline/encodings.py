"""Text of subtitle files, whatever decade and country they come from."""

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

# Longest mark first: the UTF-32 mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Encodings that subtitles are found in, by the languages that use them; the detector is held to these, since among
# all the world's tables it finds ones that fit as well and mean nonsense.
_BY_LANGUAGE = {
    "cp1250": ("cs", "hr", "hu", "pl", "ro", "sk", "sl"),
    "cp1251": ("be", "bg", "mk", "ru", "sr", "uk"),
    "cp1253": ("el",),
    "cp1254": ("tr",),
    "cp1255": ("he",),
    "cp1256": ("ar", "fa"),
    "cp1257": ("et", "lt", "lv"),
    "cp932": ("ja",),
    "gb18030": ("zh",),
    "cp949": ("ko",),
    "cp874": ("th",),
    "cp1258": ("vi",),
}
_WESTERN = "cp1252"
_LEGACY = ("cp1252", "mac_roman", "cp850", "cp1250", "cp1251", "cp1253", "cp1254", "big5", "gb18030", "cp932", "cp949")


@dataclass(frozen=True)
class Decoded:
    """Text with `\\n` ends of line, the encoding it was in, and whether that encoding was certain or guessed."""

    text: str
    encoding: str
    guessed: bool


def decode(data: bytes, language: str = "") -> Decoded:
    """Text of the bytes. UTF-8, and UTF-16 and UTF-32 with or without their mark, are certain; the rest is a guess.

    The guess is the encoding usual for `language` if the bytes fit it, else what charset-normalizer finds.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data.decode(encoding, errors="replace"), encoding, guessed=False)
    unmarked = _unmarked_utf16(data)
    if unmarked:
        return _decoded(data.decode(unmarked, errors="replace"), unmarked, guessed=False)
    try:
        return _decoded(data.decode("utf-8"), "utf-8", guessed=False)
    except UnicodeDecodeError:
        encoding = _guess(data, language.lower().split("-")[0].split("_")[0])
        return _decoded(data.decode(encoding, errors="replace"), encoding, guessed=True)


def _decoded(text: str, encoding: str, *, guessed: bool) -> Decoded:
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), encoding, guessed)


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without a mark: in files full of digits and line ends every other byte is often zero."""
    sample = data[:4096]
    if len(sample) < 4:
        return ""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[first::2].count(0) > 0.3 * len(sample) / 2 and not sample[1 - first :: 2].count(0):
            return encoding
    return ""


def _guess(data: bytes, language: str) -> str:
    usual = next((name for name, languages in _BY_LANGUAGE.items() if language in languages), "")
    for encoding in filter(None, (usual, _WESTERN if language and not usual else "")):
        if _fits(data, encoding):
            return encoding
    best = from_bytes(data, cp_isolation=list(_LEGACY)).best()
    return best.encoding if best is not None else _WESTERN


def _fits(data: bytes, encoding: str) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return not any("\x80" <= char <= "\x9f" for char in text)  # control characters: no text has them
