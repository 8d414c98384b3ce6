"""espeak-ng, the library that turns text into IPA; loaded once for each language and set of marks."""

import logging
import re
import threading
from functools import cache

from phonemizer.backend import EspeakBackend
from phonemizer.backend.espeak.wrapper import EspeakWrapper
from phonemizer.punctuation import Punctuation

from codub.errors import CodubError

_FLAG = re.compile(r"\(\u0361?[a-z][\u0361a-z0-9-]+\)")  # "(en)", also tied: espeak-ng changed language there

_lock = threading.Lock()  # espeak-ng keeps its state in globals
_quiet = logging.getLogger("codub.speech.espeak")
_quiet.setLevel(logging.ERROR)


def ipa(text: str, language: str, marks: str | None = None, *, tied: bool = False) -> str:
    """IPA with stress marks, punctuation kept, one line; `language` is espeak-ng's name for it.

    `marks` are the characters that count as punctuation, None for phonemizer's own; what is neither that nor a word
    is dropped or read aloud by espeak-ng. `tied`: the parts of a diphthong or an affricate have a tie (U+0361) between.

    Raises:
        CodubError: espeak-ng does not start for that language.
    """
    with _lock:
        parts = _backend(language, marks, tied).phonemize([text], strip=True)
    return _FLAG.sub("", " ".join(part.strip() for part in parts))


@cache
def _backend(language: str, marks: str | None, tied: bool) -> EspeakBackend:
    import espeakng_loader

    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    try:
        return EspeakBackend(
            language,
            punctuation_marks=marks or Punctuation.default_marks(),
            preserve_punctuation=True,
            with_stress=True,
            tie=tied,
            language_switch="keep-flags",
            logger=_quiet,
        )
    except RuntimeError as error:
        raise CodubError(
            f"espeak-ng does not start for '{language}'.",
            cause=str(error),
            fix="Install its library again: python -m pip install --force-reinstall espeakng-loader",
        ) from error
