"""Abbreviations written out, letters with dots joined, lines in capitals made readable."""

import re

# Before a name: the dot never ends the sentence.
_TITLES = {
    "en": {
        "mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor", "prof": "professor", "gen": "general",
        "col": "colonel", "sgt": "sergeant", "capt": "captain", "lt": "lieutenant", "maj": "major", "rev": "reverend",
        "hon": "honorable", "fr": "father", "sen": "senator", "rep": "representative", "gov": "governor",
        "pres": "president", "messrs": "messers", "mt": "mount", "ft": "fort",
    },
    "es": {
        "sr": "señor", "sra": "señora", "srta": "señorita", "sres": "señores", "dr": "doctor", "dra": "doctora",
        "d": "don", "dña": "doña", "prof": "profesor", "profa": "profesora", "gral": "general", "cap": "capitán",
        "sto": "santo", "sta": "santa", "lic": "licenciado", "ing": "ingeniero",
    },
    "fr": {
        "m": "monsieur", "mm": "messieurs", "mme": "madame", "mmes": "mesdames", "mlle": "mademoiselle",
        "dr": "docteur", "pr": "professeur", "me": "maître", "st": "saint", "ste": "sainte",
    },
    "it": {
        "sig": "signor", "sig.ra": "signora", "sigg": "signori", "dott": "dottor", "dott.ssa": "dottoressa",
        "dr": "dottor", "prof": "professor", "prof.ssa": "professoressa", "ing": "ingegner", "avv": "avvocato",
        "on": "onorevole", "gen": "generale", "cap": "capitano", "s": "san",
    },
    "pt": {
        "sr": "senhor", "sra": "senhora", "srta": "senhorita", "srs": "senhores", "dr": "doutor", "dra": "doutora",
        "d": "dom", "prof": "professor", "profa": "professora", "prof.ª": "professora", "eng": "engenheiro",
        "gen": "general", "cap": "capitão", "sto": "santo", "sta": "santa",
    },
    "hi": {"डॉ": "डॉक्टर"},
}  # fmt: skip
_OTHERS = {
    "en": {
        "vs": "versus", "etc": "etc", "e.g": "for example", "i.e": "that is", "a.m": "am", "p.m": "pm",
        "approx": "approximately", "dept": "department", "vol": "volume", "ave": "avenue", "blvd": "boulevard",
        "rd": "road", "jr": "junior", "inc": "incorporated", "ltd": "limited", "corp": "corporation",
        "co": "company", "max": "maximum", "pp": "pages", "incl": "including", "ph.d": "P H D",
    },
    "es": {
        "ud": "usted", "uds": "ustedes", "vd": "usted", "vds": "ustedes", "ee.uu": "Estados Unidos",
        "ee. uu": "Estados Unidos", "etc": "etcétera", "p. ej": "por ejemplo", "p.ej": "por ejemplo",
        "aprox": "aproximadamente", "avda": "avenida", "av": "avenida", "pág": "página", "tel": "teléfono",
        "s.m": "su majestad", "dpto": "departamento", "a. c": "antes de Cristo", "d. c": "después de Cristo",
        "a.c": "antes de Cristo", "d.c": "después de Cristo", "máx": "máximo", "mín": "mínimo",
    },
    "fr": {
        "etc": "et cetera", "av": "avenue", "bd": "boulevard", "env": "environ", "p. ex": "par exemple",
        "p.ex": "par exemple", "c.-à-d": "c'est-à-dire", "tél": "téléphone", "vol": "volume",
        "av. j.-c": "avant Jésus-Christ", "apr. j.-c": "après Jésus-Christ", "max": "maximum", "min": "minimum",
    },
    "it": {
        "ecc": "eccetera", "ca": "circa", "pag": "pagina", "tel": "telefono", "p.es": "per esempio",
        "p. es": "per esempio", "a.c": "avanti Cristo", "d.c": "dopo Cristo", "vol": "volume", "max": "massimo",
        "cfr": "confronta", "v.le": "viale", "p.za": "piazza",
    },
    "pt": {
        "etc": "etcétera", "v. ex.ª": "Vossa Excelência", "p. ex": "por exemplo", "p.ex": "por exemplo",
        "aprox": "aproximadamente", "av": "avenida", "pág": "página", "tel": "telefone", "a.c": "antes de Cristo",
        "d.c": "depois de Cristo", "máx": "máximo", "mín": "mínimo",
    },
    "hi": {},
}  # fmt: skip
_UNDOTTED = {
    "fr": {"Mme": "madame", "Mmes": "mesdames", "Mlle": "mademoiselle", "Dr": "docteur", "Pr": "professeur"},
    "en": {"Mr": "mister", "Mrs": "missus", "Dr": "doctor"},
    "it": {"Sig.ra": "signora", "Dott.ssa": "dottoressa", "Prof.ssa": "professoressa"},
    "pt": {"Prof.ª": "professora", "Sr.ª": "senhora", "Dr.ª": "doutora"},
    "es": {"Sr.ª": "señora", "D.ª": "doña", "Dr.ª": "doctora", "M.ª": "María"},
}
# Before a figure.
_NUMBER = {
    "en": (r"nos?\.|№|n°|#(?=\d)", "number"),
    "es": (r"n\.\s?º|nº|n°|núm\.|№|#(?=\d)", "número"),
    "fr": (r"n°|nº|nos?\.|№|#(?=\d)", "numéro"),
    "it": (r"nn?\.|n°|nº|№|#(?=\d)", "numero"),
    "pt": (r"n\.\s?º|nº|n°|núm\.|№|#(?=\d)", "número"),
    "hi": (r"№|#(?=\d)", "नंबर"),
}
_MONTHS = {
    "jan": "January", "feb": "February", "mar": "March", "apr": "April", "jun": "June", "jul": "July",
    "aug": "August", "sept": "September", "sep": "September", "oct": "October", "nov": "November", "dec": "December",
}  # fmt: skip
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_ACRONYMS = frozenset("FBI CIA NSA USA UK EU UN TV DVD CD CEO DNA NASA NATO OK PC ID VIP ONU OVNI UE EUA".split())  # noqa: SIM905
_SAID_AS_WORDS = frozenset("ONU OTAN OVNI SIDA UNICEF UNESCO NASA NATO OPEP RENFE FIFA UEFA".split())  # noqa: SIM905
_VOWEL = re.compile(r"[AEIOUYÁÉÍÓÚÀÈÌÒÙÂÊÎÔÛÄËÏÖÜÃÕŒÆ]")


def spelled_abbreviations(line: str, language: str) -> str:
    """The line with its abbreviations as words; a dot that ends the sentence too is kept."""
    line = _before_figures(line, language)
    if language == "en":
        line = re.sub(r"\bSt\.(?=\s+(?:[A-Z][\w']+))(?<!\w\sSt\.)", "Saint", line)
        line = re.sub(r"(?<=[a-z]\s)St\.", lambda found: _street(found), line)
        line = re.sub(r"\bSt\.", "Saint", line)
        line = re.sub(r"\bw/(?=\s|\w)", "with ", line)
        line = re.sub(r"\b([A-Z])#", r"\1 sharp", line)
    line = re.sub(r"#(?=[^\W\d])", "hashtag ", line)
    for word, said in _UNDOTTED.get(language, {}).items():
        line = re.sub(rf"\b{re.escape(word)}\.?(?=[\s,;:!?]|$)", said, line)
    titles, others = _TITLES[language], _OTHERS[language]
    for known, keeps in ((others, True), (titles, False)):
        if known:
            line = _spelled(line, known, keeps)
    if language != "en":
        line = re.sub(r"\b[A-Z]{3,6}\b", lambda f: f[0].lower() if f[0] in _SAID_AS_WORDS else f[0], line)
    return _INITIALS.sub(_joined, line)


def lowered(line: str) -> str:
    """A line shouted in capitals as ordinary letters, so that IT and US are words; acronyms stay."""
    words = [word for word in re.findall(r"[^\W\d_]+", line) if len(word) > 1]
    if len(words) < 3 or any(word != word.upper() for word in words):
        return line

    def one(found: re.Match[str]) -> str:
        word = found[0]
        return word if word in _ACRONYMS or len(word) == 1 or not _VOWEL.search(word) else word.lower()

    return re.sub(r"[^\W\d_]+", one, line)


def _before_figures(line: str, language: str) -> str:
    pattern, said = _NUMBER[language]
    line = re.sub(rf"(?<!\w)(?:{pattern})\s?(?=\d)", f"{said} ", line, flags=re.IGNORECASE)
    if language == "en":
        months = "|".join(_MONTHS)
        line = re.sub(rf"\b({months})\.(?=\s\d)", lambda f: _MONTHS[f[1].lower()], line, flags=re.IGNORECASE)
    return line


def _street(found: re.Match[str]) -> str:
    following = found.string[found.end() :].lstrip()
    return "Street." if not following or following[0].isupper() else "Street"


def _spelled(line: str, known: dict[str, str], keeps_end: bool) -> str:
    words = sorted(known, key=len, reverse=True)
    pattern = rf"(?<![\w.])({'|'.join(map(re.escape, words))})\.(?=\s|$|[,;:!?)”\"])"

    def spell(found: re.Match[str]) -> str:
        rest = found.string[found.end() :]
        single = len(found[1]) == 1  # "a 5 m." and "vitamina D." are no titles
        if found[0] == "M." and rest.startswith(" et ") and known.get("mm") == "messieurs":
            return known["m"]
        if single and (not found[1].isupper() or not re.match(r"\s[^\W\d_]", rest) or not rest.lstrip()[0].isupper()):
            return found[0]
        ends = not rest or (keeps_end and re.match(r"\s+[^\W\d_]", rest) is not None and rest.lstrip()[0].isupper())
        return known[found[1].lower()] + ("." if ends else "")

    return re.sub(pattern, spell, line, flags=re.IGNORECASE)


def _joined(found: re.Match[str]) -> str:
    rest = found.string[found.end() :]
    return found[0].replace(".", "").upper() + ("" if rest else ".")
