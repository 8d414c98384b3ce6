"""Web and mail addresses read aloud: "example dot com", "bob at example dot com"."""

import re

_ENDS = "com|org|net|info|edu|gov|io|tv|es|fr|it|br|pt|uk|eu|de|mx|ar|us|in|ch|be|ca"
_ADDRESS = re.compile(
    rf"(?:https?://|www\.)[^\s<>()“”\"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[\w-]+(?:\.[\w-]+)*\.(?:{_ENDS})\b(?:/[^\s<>()“”\"]*)?",
    re.IGNORECASE,
)
_WORDS = {  # of . @ / - _ : & =
    "en": ("dot", "at", "slash", "dash", "underscore", "colon", "and", "equals"),
    "es": ("punto", "arroba", "barra", "guion", "guion bajo", "dos puntos", "y", "igual"),
    "fr": ("point", "arobase", "slash", "tiret", "tiret bas", "deux points", "et", "égale"),
    "it": ("punto", "chiocciola", "barra", "trattino", "trattino basso", "due punti", "e", "uguale"),
    "pt": ("ponto", "arroba", "barra", "hífen", "sublinhado", "dois pontos", "e", "igual"),
    "hi": ("डॉट", "एट", "स्लैश", "डैश", "अंडरस्कोर", "कोलन", "और", "बराबर"),
}


def read_addresses(line: str, language: str, notes: list[str]) -> str:
    """The line with its addresses in words; the scheme is left out and noted."""

    def say(found: re.Match[str]) -> str:
        address = found[0].rstrip(".,;:!?…'")
        rest = found[0][len(address) :]
        scheme = re.match(r"https?://", address, re.IGNORECASE)
        if scheme:
            notes.append(f"'{scheme[0]}' of an address is left out.")
            address = address[scheme.end() :].rstrip("/")
        spoken = address
        for sign, word in zip(".@/-_:&=", _WORDS[language], strict=True):
            spoken = spoken.replace(sign, f" {word} ")
        spoken = re.sub(r"[?#+%~]", " ", spoken)
        spoken = re.sub(r"\bwww\b", "w w w" if language == "en" else "www", spoken, flags=re.IGNORECASE)
        return " ".join(spoken.split()) + rest

    return _ADDRESS.sub(say, line)
