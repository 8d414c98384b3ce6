# ruff: noqa: RUF001 - IPA looks like Latin letters
from pathlib import Path

import pytest

from codub.cli.main import main
from codub.dubbing.lexicon_file import read_lexicon, read_lexicons
from codub.errors import UsageError
from codub.speech.phonemes import phonemize

LEXICON = """
es:
  YouTube: yutub
  Nguyen: /ŋwiˈen/
  line 4:
    Nguyen: /wˈin/
es-MX:
  YouTube: /jˈutuβ/
"""


def written(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "lexicon.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_words_count_by_language_region_and_line(tmp_path: Path) -> None:
    lexicon = read_lexicon(written(tmp_path, LEXICON))
    assert lexicon.of("es")["nguyen"] == "/ŋwiˈen/"
    assert lexicon.of("es", 4)["nguyen"] == "/wˈin/"
    assert lexicon.of("es-MX", 4) == {"youtube": "/jˈutuβ/", "nguyen": "/wˈin/"}
    assert lexicon.of("fr", 4) == {}
    line = phonemize("Nguyen, en YouTube.", "es", lexicon.of("es"))
    assert "".join(line.symbols) == "ŋwiˈen, en ʤutˈub."
    assert "".join(phonemize("los nguyenes", "es", lexicon.of("es")).symbols) != "los ŋwiˈenes"


def test_the_takes_folder_counts_before_the_projects(tmp_path: Path) -> None:
    written(tmp_path / "takes", "es: {Nguyen: uno}")
    written(tmp_path / "project", "es: {Nguyen: dos, Anna: ana}")
    lexicon = read_lexicons(tmp_path / "takes", tmp_path / "project")
    assert lexicon.of("es") == {"nguyen": "uno", "anna": "ana"}
    assert read_lexicons(tmp_path / "none").of("es") == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("- a", "no mapping"),
        ("de: {a: b}", "'de'"),
        ("es: word", "'es'"),
        ("es: {a: 5}", "'a'"),
        ("es: {a: /ʘ/}", "ʘ"),
        ("es: {a: //}", "nothing"),
        ("es: {a: [", "line"),
    ],
)
def test_a_wrong_lexicon_is_refused_with_its_place(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_lexicon(written(tmp_path, text))
    assert named in str(caught.value.cause)


def test_the_command_says_how_words_and_lines_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, LEXICON)
    with pytest.raises(SystemExit) as left:
        main(["lexicon", "check", str(path), "--text", "Nguyen 😀", "--language", "es", "--cue", "4"])
    said = capsys.readouterr().out
    assert left.value.code == 0
    assert "es  line 4  nguyen: /wˈin/  ->  wˈin" in said
    assert "\nwˈin\n" in said
    assert "! '😀' cannot be spoken" in said
    with pytest.raises(SystemExit) as left:
        main(["lexicon", "check", str(written(tmp_path, "es: {a: /ʘ/}"))])
    assert left.value.code == 2
