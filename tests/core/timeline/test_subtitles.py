# ruff: noqa: RUF001  (other scripts are what these tests are about)
"""Subtitle files of every kind and state: what is right becomes cues, what is wrong is reported by its line."""

import codecs
from fractions import Fraction
from pathlib import Path

import pytest

from codub.errors import ProjectError
from codub.timeline.subtitles import SubtitleFile, read_subtitles

GOOD = """1
00:00:01,000 --> 00:00:02,500
Das können wir nicht über Nacht ändern.

2
00:00:03,040 --> 00:00:04,000
¿Qué pasó, señor? Größe: ça va!
"""


def read(tmp_path: Path, content: str | bytes, suffix: str = ".srt", language: str = "es") -> SubtitleFile:
    path = tmp_path / f"lines{suffix}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_subtitles(path, language)


def test_a_clean_file_gives_exact_times_and_no_problem(tmp_path: Path) -> None:
    lines = read(tmp_path, GOOD)
    assert lines.problems == ()
    assert [(cue.number, cue.start, cue.end) for cue in lines.cues] == [
        (1, Fraction(1), Fraction(5, 2)),
        (2, Fraction(76, 25), Fraction(4)),
    ]
    assert lines.cues[0].language == "es"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (GOOD.encode(), "utf-8"),
        (codecs.BOM_UTF8 + GOOD.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"), "utf-16"),
        (GOOD.encode("utf-16-le"), "utf-16-le"),
        (GOOD.encode("cp1252"), "cp1252"),
        (GOOD.replace("\n", "\r\n").encode("cp1252"), "cp1252"),
        (GOOD.replace("\n", "\r\n").encode(), "utf-8"),
        (GOOD.replace("\n", "\r").encode(), "utf-8"),
    ],
)
def test_every_encoding_gives_the_same_cues(tmp_path: Path, data: bytes, encoding: str) -> None:
    lines = read(tmp_path, data)
    assert lines.encoding == encoding
    assert lines.cues == read(tmp_path, GOOD).cues
    assert not any(problem.lost for problem in lines.problems)
    assert any("by guess" in problem.reason for problem in lines.problems) == (encoding == "cp1252")


@pytest.mark.parametrize(
    ("text", "encoding", "language"),
    [
        ("Я не знаю, где он сейчас. Мы подождём до утра.", "cp1251", "ru"),
        ("Zażółć gęślą jaźń, proszę pana.", "cp1250", "pl"),
        ("Δεν ξέρω πού είναι τώρα.", "cp1253", "el"),
        ("ご飯を食べましょう。", "cp932", "ja"),
        ("Şimdi gidiyorum, görüşürüz ağabey.", "cp1254", "tr"),
        ("Je ne sais pas où il est… c’est déjà l’été.", "cp1252", "fr"),
    ],
)
def test_legacy_encodings_follow_the_language(tmp_path: Path, text: str, encoding: str, language: str) -> None:
    data = f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n".encode(encoding)
    assert read(tmp_path, data, language=language).cues[0].text == text


def test_an_unknown_language_is_detected(tmp_path: Path) -> None:
    line = "Я не знаю, где он сейчас, но мы подождём его до утра, а потом пойдём домой."
    data = f"1\n00:00:01,000 --> 00:00:02,000\n{line}\n".encode("cp1251")
    assert read(tmp_path, data, language="").cues[0].text == line


def test_tags_are_taken_off_and_lines_joined(tmp_path: Path) -> None:
    lines = read(
        tmp_path,
        "1\n00:00:01,000 --> 00:00:02,000 X1:40 X2:600 Y1:20 Y2:50\n"
        '{\\an8}<i>Bonjour</i>,\n<font color="#fff">le  monde</font> &amp; toi {y:i}< 3\n',
    )
    assert lines.cues[0].text == "Bonjour, le monde & toi < 3"


def test_overlapping_cues_are_kept(tmp_path: Path) -> None:
    lines = read(tmp_path, "1\n00:00:01,000 --> 00:00:03,000\nA b.\n\n2\n00:00:02,000 --> 00:00:04,000\nC d.\n")
    assert [cue.text for cue in lines.cues] == ["A b.", "C d."]
    assert lines.cues[0].overlap(lines.cues[1]) == 1
    assert lines.problems == ()


@pytest.mark.parametrize(
    "timing",
    [
        "00:00:01 000 --> 00:00:02,000",
        "00:00:xx,000 --> 00:00:02,000",
        "00:00:01,000 -> 00:00:02,000",
        "00:00:01,000 00:00:02,000",
        "00:00:01,000 -->",
        "--> 00:00:02,000",
        "00:01,000 --> 00:02,000",
        "00:75:01,000 --> 00:76:02,000",
        "00:00:02,000 --> 00:00:01,000",
        "00:00:01,000 --> 00:00:02,000 --> 00:00:03,000",
        "-00:00:01,000 --> 00:00:02,000",
    ],
)
def test_a_malformed_time_is_reported_by_its_line_and_costs_no_other_cue(tmp_path: Path, timing: str) -> None:
    lines = read(
        tmp_path,
        f"1\n00:00:00,100 --> 00:00:00,900\nUno.\n\n2\n{timing}\nDos.\n\n3\n00:00:03,000 --> 00:00:04,000\nTres.\n",
    )
    assert [cue.text for cue in lines.cues] == ["Uno.", "Tres."]
    (problem,) = [problem for problem in lines.problems if problem.lost]
    assert problem.line == 6
    assert "Dos." in problem.text
    assert str(problem).startswith("Line 6: ")


def test_a_file_of_nothing_but_malformed_times_is_not_silently_empty(tmp_path: Path) -> None:
    lines = read(tmp_path, "1\n00.00.01 --> 00.00.02\nUno.\n\n2\n00.00.03 --> 00.00.04\nDos.\n")
    assert lines.cues == ()
    assert [problem.line for problem in lines.problems] == [2, 6]


def test_a_cue_without_a_timing_line_is_reported(tmp_path: Path) -> None:
    lines = read(
        tmp_path, "1\n00:00:01,000 --> 00:00:02,000\nUno.\n\n2\nDos.\n\n3\n00:00:03,000 --> 00:00:04,000\nTres.\n"
    )
    assert [cue.text for cue in lines.cues] == ["Uno.", "Tres."]
    assert [(p.line, p.text) for p in lines.problems if p.lost] == [(5, "2"), (6, "Dos.")]


def test_blank_lines_inside_a_text_and_missing_ones_between_cues(tmp_path: Path) -> None:
    lines = read(
        tmp_path,
        "1\n00:00:01,000 --> 00:00:02,000\nUno\n\nmás.\n2\n00:00:03,000 --> 00:00:04,000\nDos.\n",
    )
    assert [(cue.number, cue.text) for cue in lines.cues] == [(1, "Uno más."), (2, "Dos.")]
    assert [(problem.line, problem.lost) for problem in lines.problems] == [(4, False)]


def test_missing_and_repeated_numbers_are_counted_afresh_and_said(tmp_path: Path) -> None:
    lines = read(tmp_path, "7\n00:00:01,000 --> 00:00:02,000\nUno.\n\n7\n00:00:03,000 --> 00:00:04,000\nDos.\n")
    assert [cue.number for cue in lines.cues] == [1, 2]
    assert [problem.line for problem in lines.problems] == [6]
    unnumbered = read(tmp_path, "00:00:01,000 --> 00:00:02,000\nUno.\n\n00:00:03,000 --> 00:00:04,000\nDos.\n")
    assert [cue.number for cue in unnumbered.cues] == [1, 2]
    assert unnumbered.problems == ()


def test_lax_but_clear_times_are_read(tmp_path: Path) -> None:
    lines = read(tmp_path, "1\n0:00:01.5 --> 00 : 00 : 02 , 250\nUno.\n")
    assert (lines.cues[0].start, lines.cues[0].end) == (Fraction(3, 2), Fraction(9, 4))


def test_sounds_and_lyrics_are_not_spoken(tmp_path: Path) -> None:
    lines = read(
        tmp_path,
        "1\n00:00:01,000 --> 00:00:02,000\n[door slams]\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\n(sighs) Vámonos. ♪ la la ♪\n",
    )
    assert [(cue.number, cue.text) for cue in lines.cues] == [(2, "Vámonos.")]
    assert [(problem.line, problem.lost) for problem in lines.problems] == [(2, False)]


def test_two_people_in_one_cue_share_its_time(tmp_path: Path) -> None:
    lines = read(tmp_path, "1\n00:00:01,000 --> 00:00:04,000\n- ANNA: Sí.\n- BEN: Cómo no.\n")
    assert [(cue.number, cue.speaker, cue.text) for cue in lines.cues] == [(1, "ANNA", "Sí."), (2, "BEN", "Cómo no.")]
    assert lines.cues[0].end == lines.cues[1].start == 1 + 3 * Fraction(3, 11)
    assert lines.cues[1].end == 4


def test_web_vtt(tmp_path: Path) -> None:
    lines = read(
        tmp_path,
        "WEBVTT - title\n\nSTYLE\n::cue { color: red }\n\nNOTE a remark\n00:00:00.000 --> 00:00:09.000 inside it\n\n"
        "intro\n00:01.000 --> 00:02.500 align:start\n<v.loud Anna>Hello <00:01.500><c>there</c></v>\n\n"
        "00:xx.000 --> 00:04.000\nLost.\n\n01:00:05.000 --> 01:00:06.000\nKept.\n",
        ".vtt",
    )
    assert [(cue.speaker, cue.text, cue.start) for cue in lines.cues] == [
        ("Anna", "Hello there", Fraction(1)),
        ("", "Kept.", Fraction(3605)),
    ]
    assert [(problem.line, problem.lost) for problem in lines.problems] == [(13, True)]


def test_ass_names_its_actors(tmp_path: Path) -> None:
    lines = read(
        tmp_path,
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nStyle: Default,Arial\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:01.00,0:00:02.50,Default,Anna,0,0,0,,{\\i1}Hola,{\\i0}\\Nmundo\n"
        "Comment: 0,0:00:01.00,0:00:02.50,Default,Anna,0,0,0,,never spoken\n"
        "Dialogue: 0,0:00:0x.00,0:00:02.50,Default,Ben,0,0,0,,Adiós\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}\n"
        "Dialogue: 0,0:00:05.00\n",
        ".ass",
    )
    assert [(cue.speaker, cue.text) for cue in lines.cues] == [("Anna", "Hola, mundo")]
    assert [(problem.line, problem.lost) for problem in lines.problems] == [(11, True), (12, False), (13, True)]


def test_refusals_say_what_and_why(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="hold no cue"):
        read(tmp_path, "")
    with pytest.raises(ProjectError, match="of no known kind"):
        read(tmp_path, GOOD, ".docx")
    with pytest.raises(ProjectError, match="cannot be read"):
        read_subtitles(tmp_path / "absent.srt", "es")
