# ruff: noqa: RUF001 (typographic characters are the subject)
"""Lines as subtitles have them, against what a reader would say, written out by hand."""

import difflib

import pytest

from codub.errors import CueError
from codub.speech.kokoro.vocabulary import IDS
from codub.speech.phonemes import phonemize

SAID = [
    # dates, times
    ("en", "On 12/05/2024 at 7:30pm", "On December fifth, twenty twenty four at seven thirty pm"),
    ("en-GB", "On 12/05/2024", "On the twelfth of May twenty twenty four"),
    ("en", "2024-05-12", "May twelfth, twenty twenty four"),
    ("en", "The '90s and the 1980s", "The nineties and the nineteen eighties"),
    ("en", "3:45:10, at 5.30 pm", "three forty five ten, at five thirty pm"),
    ("es", "El 12/05/2024 a las 19:30 h", "El doce de mayo de dos mil veinticuatro a las diecinueve treinta"),
    ("fr", "Le 1er mai à 19h30", "Le premier mai à dix-neuf heures trente"),
    ("it", "Il 12/05/2024", "Il dodici maggio duemilaventiquattro"),
    ("pt", "às 15h, 3 h", "às quinze horas, três horas"),
    # numbers
    ("en", "Call 555-0123", "Call five five five, zero one two three"),
    ("en", "1/2 cup, 3/4, 2 ½", "one half cup, three quarters, two and a half"),
    ("en", "10-20 people, pages 3–5", "ten to twenty people, pages three to five"),
    ("en", "x² + y³, 10 m²", "x squared plus y cubed, ten square meters"),
    ("en", "the 200th, 1000th", "the two hundredth, one thousandth"),
    ("en", "3.14 and 9/11", "three point one four and nine eleven"),
    ("es", "1.234.567 euros", "1234567 euros"),
    ("es", "1.º, 2.ª y 3er", "primero, segunda y tercer"),
    ("fr", "2e, 3ème, XXIe siècle", "deuxième, troisième, vingt et unième siècle"),
    ("it", "L'80% e l'11 maggio", "lottanta percento e lundici maggio"),
    ("pt", "1º, 2ª, 10-20", "primeiro, segunda, dez a vinte"),
    # money, units
    ("en",
     "€1.2m, ¥500, $5 billion, $0.99",
     "one point two million euros, 500 yen, 5 billion dollars, ninety nine cents"),
    ("en",
     "80 km/h, 20°C, 10 lbs., 5'11\"",
     "eighty kilometers an hour, twenty degrees Celsius, ten pounds, five foot eleven"),
    ("es", "Cuesta 3,50 €, 20 M€", "Cuesta tres euros cincuenta, veinte millones de euros"),
    ("fr", "20 °C, 5 kg", "vingt degrés, cinq kilos"),
    ("it", "80 km/h, 5 m", "ottanta chilometri all'ora, cinque metri"),
    ("pt", "R$ 3,50", "três reais cinquenta"),
    # names, abbreviations
    ("en", "Henry VIII, World War II, Part V", "Henry the eighth, World War two, Part five"),
    ("en", "Dr. Smith on Main St. at 5", "doctor Smith on Main Street at five"),
    ("en",
     "No. 5, approx. 3 ft., Sept. 11, w/ C#",
     "number five, approximately three feet, September eleven, with C sharp"),
    ("es", "Enrique VIII, siglo XXI, EE. UU.", "Enrique octavo, siglo veintiuno, Estados Unidos."),
    ("fr", "Louis XIV, François Ier, M. et Mme Petit", "Louis quatorze, François premier, monsieur et madame Petit"),
    ("it", "Sig.ra Bianchi, n. 5", "signora Bianchi, numero cinque"),
    ("pt", "Henrique VIII, D. Pedro II, Profa. Ana", "Henrique oitavo, dom Pedro segundo, professora Ana"),
    # addresses, slashes, capitals, letters in other shapes, entities
    ("en", "bob@example.com", "bob at example dot com"),
    ("es", "www.ejemplo.es", "www punto ejemplo punto es"),
    ("en", "and/or 24/7", "and or twenty four seven"),
    ("en", "GIVE IT TO US NOW, FBI!", "give it to us now, FBI!"),
    ("en", "𝐁𝐨𝐥𝐝 ｆｕｌｌ ﬁne", "Bold full fine"),
    ("en", "you &amp; me<br>ok\\Nnow", "you and me ok now"),
    ("en", "5 * 3, <3, ~20", "five times three, less than three, about twenty"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "written", "said"), SAID)
def test_what_is_written_is_said_as_a_reader_says_it(language: str, written: str, said: str) -> None:
    found, wanted = ("".join(phonemize(text, language).symbols) for text in (written, said))
    bare = str.maketrans("", "", " ˈˌ:ː")  # of figures and words espeak-ng joins and stresses some otherwise
    alike = difflib.SequenceMatcher(None, found.translate(bare), wanted.translate(bare)).ratio()
    assert alike > 0.94, (found, wanted)  # one sound of a figure may bend to its neighbour otherwise


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("en", "b-but I c-can't", "bə bˌʌt ˈaɪ kə kˈænt"),
        ("en", "I-I kn- know co-conspirators", "aɪˈaɪ nə nˈoʊ kˈoʊkənspˈɪɹəɾɚz"),
        ("es", "N-no, p-pero", "nə nˈo, pə pˈeɾo"),
        ("en", "Shh… psst!", "ʃː… pst!"),
        ("en", "Grr, tsk", "ɡɹː, tsk"),
        ("es", "Dijo Москва.", "dˈixo mʌskvˈɑ."),
        ("en", "π", "pˈaɪ"),
    ],
)
def test_stutter_noises_and_other_scripts(language: str, written: str, said: str) -> None:
    assert "".join(phonemize(written, language).symbols) == said


NASTY = [
    "((nested [brackets {deep}]))",
    "\ud83d half a pair",
    "x\u0301\u0302\u0303 marks",
    "Ⅷ ① ㎏ ㋿",
    "ሰላም friend",
    "“«‹‘'\"quotes\"'’›»”",
    "-— – ― dashes ---",
    "1.2.3.4.5 1,,2 3..4 5//6 7--8 9:99:99",
    "$ € £ $$5 5$$ R$ $-5 €5.5.5",
    "IIII VV XLXL IVX MCM",
    "http:// www. @ # user@ @user",
    "[x](//) [y](@) [z]() [0s] [99s] ** * ^ a^ ^b",
    "a" * 400,
    "Yes. No! " * 60,
    "0 00 000 -0 +0 0.0 ½½ 1/0 0/5 100/7",
    "\u202eright to left\u202c \ufeff \u0000 nul",
    "٣ ४ 五 ３ digits",
]


@pytest.mark.parametrize("language", ["en", "en-GB", "es", "es-MX", "fr", "it", "pt", "hi"])
def test_nothing_that_is_written_is_a_crash(language: str) -> None:
    for text in NASTY:
        try:
            line = phonemize(text, language)
        except CueError:
            continue
        assert set(line.symbols) <= set(IDS)
        assert all(note.endswith(".") for note in line.notes)


def test_what_is_left_out_or_only_named_is_noted() -> None:
    for text, named in {
        "Wow 😀": "😀",
        "ሰላም friend": "ሰላም",
        "http://a.com": "http://",
        "漢字かな": "漢字",
    }.items():
        assert any(named in note for note in phonemize(text, "en").notes), text
    assert phonemize("Plain words, 25 of them: «yes» (no) – 5 €.", "en").notes == ()
