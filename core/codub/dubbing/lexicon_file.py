# ruff: noqa: RUF001, RUF002 (phonetic letters look like Latin ones)
"""`lexicon.yaml`, a project's own pronunciations, beside the timeline and beside the takes (which count first).

es:
  YouTube: yutub            # a respelling: read as if it were written so
  Nguyen: /ŋwiˈen/          # IPA, between slashes
  line 4:                   # of cue 4 alone
    Sánchez: /sˈantʃes/
pt-BR:
  ...
"""

import re
from pathlib import Path
from typing import Any

import yaml

from codub.errors import CodubError, UsageError
from codub.speech.lexicon import NO_LEXICON, Lexicon, ipa_of

FILE_NAME = "lexicon.yaml"
_LINE = re.compile(r"line\s+(\d+)", re.IGNORECASE)


def read_lexicons(*folders: Path) -> Lexicon:
    """The lexicons of these folders, those of the first before those of the others; none where there is no file.

    Raises:
        UsageError: a file is not a lexicon.
    """
    found = NO_LEXICON
    for folder in reversed(dict.fromkeys(folders)):
        path = folder / FILE_NAME
        if path.is_file():
            found = read_lexicon(path).over(found)
    return found


def read_lexicon(path: Path) -> Lexicon:
    """The lexicon in a file.

    Raises:
        UsageError: the file cannot be read, is of another form, names an unknown
            language, or IPA that the voice has no sound for.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _wrong(path, f"{error}.") from error
    if not isinstance(content, dict):
        raise _wrong(path, "It is no mapping of languages.")
    words: dict[str, dict[str, str]] = {}
    lines: dict[tuple[str, int], dict[str, str]] = {}
    for language, entries in content.items():
        tag = _tag(path, language)
        for word, said in _mapping(path, f"'{language}'", entries).items():
            line = _LINE.fullmatch(word.strip())
            if line and isinstance(said, dict):
                own = _mapping(path, f"'{language}', {word}", said).items()
                lines[tag, int(line[1])] = {w.lower(): _said(path, w, s) for w, s in own}
            else:
                words.setdefault(tag, {})[word.lower()] = _said(path, word, said)
    return Lexicon(words, lines)


def _tag(path: Path, language: object) -> str:
    from codub.speech.phonemes import base_language

    # YAML 1.1 reads a bare "no" as false; no language here is one of its booleans.
    try:
        base_language(str(language))
    except CodubError as error:
        raise _wrong(path, f"{error.message}") from error
    return str(language).lower().replace("_", "-")


def _mapping(path: Path, where: str, entries: object) -> dict[str, Any]:
    if not isinstance(entries, dict):
        raise _wrong(path, f"{where} holds no words with their pronunciations.")
    return {str(word): said for word, said in entries.items()}


def _said(path: Path, word: str, said: object) -> str:
    from codub.speech.phonemes import ipa_symbols

    if not word.strip() or not isinstance(said, str) or not said.strip():
        raise _wrong(path, f"'{word}' is given {said!r}, which is neither a respelling nor /IPA/.")
    ipa = ipa_of(said)
    if ipa is not None:
        sounds, unknown = ipa_symbols(ipa)
        if unknown or not sounds:
            named = (
                f"the voice has no sound for '{''.join(unknown)}'"
                if unknown
                else "there is nothing between the slashes"
            )
            raise _wrong(path, f"'{word}' is given '{said}', but {named}.")
    return said.strip()


def _wrong(path: Path, cause: str) -> UsageError:
    return UsageError(
        f"The lexicon '{path}' cannot be used.",
        cause=cause,
        fix="Write a language with words under it: es: {YouTube: yutub, Nguyen: /ŋwiˈen/}; then: codub lexicon check",
    )
