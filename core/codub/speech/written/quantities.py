"""Sums of money and measures: "3,50 €", "$1.2bn", "80 km/h", "5 m²"."""

import re

_SCALES = {
    "en": {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion", "tn": "trillion"},
    "es": {"k": "mil", "m": "millones de", "mm": "mil millones de"},
    "fr": {"k": "mille", "m": "millions d'", "md": "milliards d'", "mds": "milliards d'"},
    "it": {"k": "mila", "m": "milioni di", "mln": "milioni di", "mld": "miliardi di"},
    "pt": {"k": "mil", "m": "milhões de", "mi": "milhões de", "bi": "bilhões de"},
    "hi": {},
}
_SCALE_WORDS = (
    r"thousand|million|billion|trillion|mil\s+millones|mil|millones|millón|milliards?|millions?|mille|milioni|"
    r"milione|miliard[oi]|milhões|milhão|bilhões|bilhão|लाख|करोड़|हज़ार"
)
_SIGN = r"R\$|US\$|[$€£₹¥]"
_BARE = r"[$€£]"
_AMOUNT = r"\d[\d.,]*\d|\d"
_MONEY = re.compile(
    rf"(?P<before>{_SIGN})\s?(?P<a>{_AMOUNT})(?:\s?(?P<sa>[kKmMbB][nNdDiI]?[sS]?)(?!\w)|\s(?P<wa>{_SCALE_WORDS})\b)?"
    rf"|(?P<b>{_AMOUNT})(?:\s?(?P<sb>[kKmMbB][nNdDiIlL]?[nNdDsS]?)|\s(?P<wb>{_SCALE_WORDS}))?(?:\s(?:de|d'|di))?\s?"
    rf"(?P<after>{_SIGN}|¢)"
)
_CENTS = re.compile(r"[.,](\d\d)$")
_NAMES = {
    "en": {"$": "dollars", "€": "euros", "£": "pounds", "₹": "rupees", "¥": "yen", "R$": "reais", "¢": "cents"},
    "es": {"$": "dólares", "€": "euros", "£": "libras", "₹": "rupias", "¥": "yenes", "R$": "reales", "¢": "centavos"},
    "fr": {"$": "dollars", "€": "euros", "£": "livres", "₹": "roupies", "¥": "yens", "R$": "réaux", "¢": "cents"},
    "it": {"$": "dollari", "€": "euro", "£": "sterline", "₹": "rupie", "¥": "yen", "R$": "real", "¢": "centesimi"},
    "pt": {"$": "dólares", "€": "euros", "£": "libras", "₹": "rupias", "¥": "ienes", "R$": "reais", "¢": "centavos"},
    "hi": {"$": "डॉलर", "€": "यूरो", "£": "पाउंड", "₹": "रुपये", "¥": "येन", "R$": "रियल", "¢": "सेंट"},
}
_ONE = {
    "en": {"$": "dollar", "€": "euro", "£": "pound", "₹": "rupee", "R$": "real", "¢": "cent"},
    "es": {"$": "dólar", "€": "euro", "£": "libra", "₹": "rupia", "¥": "yen", "R$": "real", "¢": "centavo"},
    "fr": {"$": "dollar", "€": "euro", "£": "livre", "₹": "roupie", "¥": "yen", "R$": "réal", "¢": "cent"},
    "it": {"$": "dollaro", "£": "sterlina", "₹": "rupia", "¢": "centesimo"},
    "pt": {"$": "dólar", "€": "euro", "£": "libra", "₹": "rupia", "¥": "iene", "R$": "real", "¢": "centavo"},
    "hi": {"₹": "रुपया"},
}
_HUNDREDTHS = {"en": "cents", "es": "céntimos", "fr": "centimes", "it": "centesimi", "pt": "centavos", "hi": "पैसे"}

# What stands behind a figure, longest first when matched; singular and plural.
_UNITS: dict[str, dict[str, tuple[str, str]]] = {
    "en": {
        "km/h": ("kilometer an hour", "kilometers an hour"), "mph": ("mile an hour", "miles an hour"),
        "m/s": ("meter a second", "meters a second"), "km": ("kilometer", "kilometers"), "m": ("meter", "meters"),
        "cm": ("centimeter", "centimeters"), "mm": ("millimeter", "millimeters"), "μm": ("micron", "microns"),
        "kg": ("kilogram", "kilograms"), "g": ("gram", "grams"), "mg": ("milligram", "milligrams"),
        "l": ("liter", "liters"), "ml": ("milliliter", "milliliters"), "ft": ("foot", "feet"),
        "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "oz": ("ounce", "ounces"), "yd": ("yard", "yards"),
        "in": ("inch", "inches"), "min": ("minute", "minutes"), "hrs": ("hour", "hours"), "sec": ("second", "seconds"),
        "kW": ("kilowatt", "kilowatts"), "Hz": ("hertz", "hertz"), "MHz": ("megahertz", "megahertz"),
        "kB": ("kilobyte", "kilobytes"), "MB": ("megabyte", "megabytes"), "GB": ("gigabyte", "gigabytes"),
        "°C": ("degree Celsius", "degrees Celsius"), "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    },
    "es": {
        "km/h": ("kilómetro por hora", "kilómetros por hora"), "m/s": ("metro por segundo", "metros por segundo"),
        "km": ("kilómetro", "kilómetros"), "m": ("metro", "metros"), "cm": ("centímetro", "centímetros"),
        "mm": ("milímetro", "milímetros"), "kg": ("kilo", "kilos"), "g": ("gramo", "gramos"),
        "mg": ("miligramo", "miligramos"), "l": ("litro", "litros"), "ml": ("mililitro", "mililitros"),
        "min": ("minuto", "minutos"), "kW": ("kilovatio", "kilovatios"), "MB": ("megabyte", "megabytes"),
        "GB": ("gigabyte", "gigabytes"), "°C": ("grado", "grados"), "°F": ("grado Fahrenheit", "grados Fahrenheit"),
    },
    "fr": {
        "km/h": ("kilomètre heure", "kilomètres heure"), "m/s": ("mètre par seconde", "mètres par seconde"),
        "km": ("kilomètre", "kilomètres"), "m": ("mètre", "mètres"), "cm": ("centimètre", "centimètres"),
        "mm": ("millimètre", "millimètres"), "kg": ("kilo", "kilos"), "g": ("gramme", "grammes"),
        "mg": ("milligramme", "milligrammes"), "l": ("litre", "litres"), "ml": ("millilitre", "millilitres"),
        "min": ("minute", "minutes"), "kW": ("kilowatt", "kilowatts"), "Mo": ("mégaoctet", "mégaoctets"),
        "Go": ("gigaoctet", "gigaoctets"), "°C": ("degré", "degrés"), "°F": ("degré Fahrenheit", "degrés Fahrenheit"),
    },
    "it": {
        "km/h": ("chilometro all'ora", "chilometri all'ora"), "m/s": ("metro al secondo", "metri al secondo"),
        "km": ("chilometro", "chilometri"), "m": ("metro", "metri"), "cm": ("centimetro", "centimetri"),
        "mm": ("millimetro", "millimetri"), "kg": ("chilo", "chili"), "g": ("grammo", "grammi"),
        "mg": ("milligrammo", "milligrammi"), "l": ("litro", "litri"), "ml": ("millilitro", "millilitri"),
        "min": ("minuto", "minuti"), "kW": ("chilowatt", "chilowatt"), "MB": ("megabyte", "megabyte"),
        "GB": ("gigabyte", "gigabyte"), "°C": ("grado", "gradi"), "°F": ("grado Fahrenheit", "gradi Fahrenheit"),
    },
    "pt": {
        "km/h": ("quilômetro por hora", "quilômetros por hora"), "m/s": ("metro por segundo", "metros por segundo"),
        "km": ("quilômetro", "quilômetros"), "m": ("metro", "metros"), "cm": ("centímetro", "centímetros"),
        "mm": ("milímetro", "milímetros"), "kg": ("quilo", "quilos"), "g": ("grama", "gramas"),
        "mg": ("miligrama", "miligramas"), "l": ("litro", "litros"), "ml": ("mililitro", "mililitros"),
        "min": ("minuto", "minutos"), "kW": ("quilowatt", "quilowatts"), "MB": ("megabyte", "megabytes"),
        "GB": ("gigabyte", "gigabytes"), "°C": ("grau", "graus"), "°F": ("grau Fahrenheit", "graus Fahrenheit"),
    },
    "hi": {},
}  # fmt: skip
_SQUARED = {
    "en": ("square", "cubic"),
    "es": ("cuadrados", "cúbicos"),
    "fr": ("carrés", "cubes"),
    "it": ("quadrati", "cubi"),
    "pt": ("quadrados", "cúbicos"),
}


def read_money(line: str, language: str) -> str:
    """Sums with the currency's name where it is said: "3 dollars 50", "1.2 million euros"."""
    line = re.sub(rf"(?:(?<={_BARE})|(?<={_BARE} ))\.(?=\d)", "0.", line)
    return _MONEY.sub(lambda found: _money(found, language), line)


def read_units(line: str, language: str) -> str:
    """Measures behind figures in words; feet and inches too in English."""
    if language == "en":
        line = re.sub(r"(?<![\w'])(\d{1,2})'\s?(\d{1,2})(?:\"|”|'')", r"\1 foot \2", line)
    units = _UNITS[language]
    if not units:
        return line
    pattern = "|".join(map(re.escape, sorted(units, key=len, reverse=True)))
    dotted = r"\.(?=\s+[a-z\d]|,)" if language == "en" else r"(?!)"

    def say(found: re.Match[str]) -> str:
        one, many = units[found["unit"].replace("µ", "μ").replace("℃", "°C").replace("℉", "°F")]
        word = one if found["figure"] == "1" and not re.match(r".*[.,\d]$", line[: found.start()]) else many
        power = {"²": 0, "³": 1}.get(found["power"] or "")
        if power is not None:
            word = f"{_SQUARED[language][power]} {word}" if language == "en" else f"{word} {_SQUARED[language][power]}"
        return f"{found['figure']} {word}"

    line = line.replace("µ", "μ").replace("℃", "°C").replace("℉", "°F").replace("° C", "°C").replace("° F", "°F")
    pattern = re.sub(r"\|in(?=\||$)", r"|in(?=\\.)", pattern)  # "5 in a row" are no inches
    return re.sub(
        rf"(?P<figure>(?<![\w])\d+|(?<=[\d.,])\d+)\s?(?P<unit>{pattern})(?P<power>[²³])?(?![\w²³/])(?:{dotted})?",
        say,
        line,
    )


def _money(found: re.Match[str], language: str) -> str:
    sign, amount = found["before"] or found["after"], found["a"] or found["b"]
    sign = "$" if sign == "US$" else sign
    short, word = found["sa"] or found["sb"], found["wa"] or found["wb"]
    names = _NAMES[language]
    if short and (said := _SCALES[language].get(short.lower())):
        word = said
    elif short:
        return found[0]
    if word:
        joint = "" if language in {"en", "hi"} or word.endswith(("de", "di", "d'")) else _of(word, language)
        return f"{amount} {word}{joint} {names[sign]}".replace("d' ", "d'" if names[sign][0] in "e" else "de ")
    cents = _CENTS.search(amount)
    whole = amount[: cents.start()] if cents else amount
    name = _ONE[language].get(sign, names[sign]) if whole == "1" else names[sign]
    if cents and whole == "0":
        return f"{int(cents[1])} {'pence' if sign == '£' and language == 'en' else _HUNDREDTHS[language]}"
    tail = f" {int(cents[1])}" if cents and cents[1] != "00" else ""
    return f"{whole} {name}{tail}"


def _of(word: str, language: str) -> str:
    if word.split()[-1] in {"mil", "mille", "mila"}:
        return ""
    return {"fr": " d'", "it": " di"}.get(language, " de")
