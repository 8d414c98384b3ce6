"""Folders of films as corpora: who talks, what is said, who is kept out, the same each time."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.made_talks import made_tools, write_talk

from codub.errors import CueError, UsageError
from codub.speech.alignment import Aligned
from codub.training.face_cache import FaceCache
from codub.training.film_corpus import held_out_people, spread
from codub.training.film_folder import FilmFolder, read_folder
from codub.training.film_records import CutClip, Film, TalkingClip, summary, write_list
from codub.training.line_latents import MisfitError, features_of_lines
from codub.training.lrs2 import read_lrs2
from codub.training.spoken_clip import Line
from codub.training.talking_films import cut_films, named_by_looks, people_of, split_by_people
from codub.training.transcripts import lines_of_words, parse_text, read_transcript

TABLE = "Text:  I'M IN IT\nConf:  4\n\nWORD START END ASDSCORE\nI'M 0.10 0.30 5.1\nIN 0.35 0.50 4\nIT 1.40 1.60 3.2\n"


def test_texts_of_lrs2_are_read_with_and_without_times() -> None:
    assert parse_text("Text:  WHEN YOU'RE  COOKING\nConf:  4\n") == ("when you're cooking", ())
    said, words = parse_text(TABLE)
    assert said == "i'm in it"
    assert lines_of_words(words, "en") == (Line("i'm in", 0.1, 0.5), Line("it", 1.4, 1.6))
    assert parse_text("As it\nis said.\n") == ("As it is said.", ())


def test_subtitles_come_first_and_long_texts_want_times(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    assert read_transcript(film, 3, "en") == ((), "")
    (tmp_path / "a.txt").write_text("It is said.", encoding="utf-8")
    assert read_transcript(film, 3, "en") == ((Line("It is said.", 0.0, 3.0),), "")
    lines, note = read_transcript(film, 600, "en")
    assert not lines
    assert "give subtitles" in note
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,500\nIt is <i>shown</i>.\n", encoding="utf-8")
    assert read_transcript(film, 600, "es") == ((Line("It is shown.", 1.0, 2.5, "es"),), "")


def lrs2(root: Path, **lists: str) -> Path:
    for clip in ("100/00001", "100/00002", "200/00001", "300/00001"):
        (root / "main" / clip).parent.mkdir(parents=True, exist_ok=True)
        (root / "main" / f"{clip}.mp4").write_bytes(b"film")
        (root / "main" / f"{clip}.txt").write_text("Text:  YES\nConf:  3\n", encoding="utf-8")
    for name, text in lists.items():
        (root / f"{name}.txt").write_text(text, encoding="utf-8")
    return root


def test_lists_of_lrs2_keep_people_apart(tmp_path: Path) -> None:
    root = lrs2(tmp_path, train="100/00001\n100/00009\n300/00001\n", val="200/00001\n", test="300/00001 NF\n")
    training, held_out, left_out = read_lrs2(root)
    assert [film.name for film in training] == ["lrs2_main_100_00001"]
    assert training[0].lines[0].text == "yes"
    assert {film.person for film in held_out} == {"200", "300"}
    assert [(part.kind, part.film) for part in left_out] == [
        ("missing", "lrs2_main_100_00009"),
        ("held out", "lrs2_main_300_00001"),
    ]


def test_without_lists_people_are_kept_out_all_the_same(tmp_path: Path) -> None:
    training, held_out, _ = read_lrs2(lrs2(tmp_path))
    assert {film.person for film in training}.isdisjoint(film.person for film in held_out)
    assert len(training) + len(held_out) == 4
    assert held_out
    with pytest.raises(UsageError, match=r"main' does not exist.*--films"):
        read_lrs2(tmp_path / "main")


def test_people_are_kept_out_by_name_alone() -> None:
    counts = {f"person {number}": 10 for number in range(20)}
    chosen = held_out_people(counts, 0.1)
    assert len(chosen) == 2
    assert held_out_people(dict(reversed(counts.items())), 0.1) == chosen
    assert held_out_people({"anna": 5}, 0.1) == frozenset()
    assert held_out_people({"anna": 50, "ben": 3}, 0.01) == {"ben"}


def clip(name: str, person: str, looks: np.ndarray | None = None, voice: np.ndarray | None = None) -> TalkingClip:
    seen, heard = (tuple(v.tolist()) if v is not None else () for v in (looks, voice))
    return TalkingClip(name, person, Film(name, person, Path(name)), CutClip(name, 0, 2, 0, seen, heard))


def test_checked_clips_are_spread_over_people() -> None:
    clips = [clip(f"{person}{number}", person) for person in "abc" for number in range(9)]
    assert Counter(one.person for one in spread(clips, 7)) == Counter({"a": 2, "b": 2, "c": 2, **{"": 0}}) + Counter(
        one.person for one in spread(clips, 7)[6:]
    )
    assert spread(clips[::-1], 7) == spread(clips, 7)


def test_people_are_told_apart_by_looks_and_voices() -> None:
    rng = np.random.default_rng(0)
    people = []
    for _ in range(4):
        people.append([v / np.linalg.norm(v) for v in (rng.normal(0, 1, 320), rng.normal(0, 1, 256))])
    seen, heard = [], []
    for number in range(12):
        for kind, held in zip(people[number % 4], (seen, heard), strict=True):
            noisy = kind + rng.normal(0, 0.25 / np.sqrt(len(kind)), len(kind))
            held.append(noisy / np.linalg.norm(noisy))
    groups = people_of(np.array(seen, np.float32), np.array(heard, np.float32))
    assert len(set(groups)) == 4
    assert groups[:4] * 3 == groups
    clips = [clip(f"c{n:02d}", "", seen[n], heard[n]) for n in range(12)] + [clip("x", "anna")]
    named = named_by_looks(clips)
    assert [one.person for one in named[:5]] == ["like c00", "like c01", "like c02", "like c03", "like c00"]
    assert named[-1].person == "anna"


def test_a_folder_is_cut_once_and_told_about(tmp_path: Path) -> None:
    folder = tmp_path / "talks"
    write_talk(folder / "anna" / "one.mp4", 2.0, rate="30", seed=1, heard=1)
    write_talk(folder / "ben" / "day 1" / "one.mkv", 2.0, seed=2, heard=2, late=0.2)
    (folder / "ben" / "broken.mov").write_bytes(b"nothing")
    (folder / "anna" / "one.txt").write_text("Aha.", encoding="utf-8")
    films = read_folder(folder)
    assert [(film.name, film.person) for film in films] == [
        ("talks_anna_one", "anna"),
        ("talks_ben_broken", "ben"),
        ("talks_ben_day-1_one", "ben"),
    ]
    assert films[0].lines == (Line("Aha.", 0.0, 2.0),)
    cache, told = FaceCache(tmp_path / "cache"), list[str]()
    found = cut_films(films, cache, lambda fraction, what: told.append(what), tools=made_tools())
    assert [one.person for one in cache.load(found.clips)] == ["anna", "ben"]
    assert found.clips[1].cut.late == pytest.approx(0.2, abs=0.03)
    assert [part.kind for part in found.left_out] == ["undecodable"]
    assert len([line for line in told if line.startswith("cutting")]) == 3
    parts = split_by_people(found)
    assert len(parts.training) == len(parts.held_out) == 1
    # The latent's sound is the clip's, its lag put right: as long as the picture.
    assert abs(len(found.clips[1].sound()) - 2 * 16_000) <= 640
    again = cut_films(films, cache, lambda fraction, what: told.append(what))  # no tools: nothing is missing
    assert again == found
    table = write_list(tmp_path, found.left_out).read_text(encoding="utf-8").splitlines()
    assert table[0].split("\t") == ["film", "from", "to", "kind", "reason"]
    assert table[1].startswith("talks_ben_broken\t0.00\t0.00\tundecodable\tThe media file")
    assert "2 clips of 2 people; left out: 1 undecodable" in summary(2, 2, found.left_out, tmp_path)
    with pytest.raises(UsageError, match="no film"):
        FilmFolder(tmp_path / "cache" / "clips").cut(cache, lambda fraction, what: None)


class Said:
    """A clip of 2 s whose one line reaches over its end."""

    name = person = "clip"

    def sound(self) -> np.ndarray:
        return self.around(0, 2)

    def words(self) -> tuple[()]:
        return ()

    def lines(self) -> tuple[Line, ...]:
        return (Line("a", 1.0, 3.0),)

    def around(self, start: float, end: float) -> np.ndarray:
        return np.zeros(round((end - start) * 16_000), np.float32)


def test_a_line_stands_where_it_is_spoken_and_must_fit() -> None:
    def posteriors(samples: np.ndarray) -> np.ndarray:
        from codub.speech.inventory import INVENTORY, NUMBER

        scores = np.full((len(INVENTORY), len(samples) // 400), -9.0, np.float32)
        scores[NUMBER["a"]] = chance
        return scores

    def features(aligned: Aligned) -> np.ndarray:
        return np.repeat(np.arange(sum(aligned.durations), dtype=np.float32)[None], 512, 0)

    def lay(line: Line, heard: np.ndarray) -> Aligned:
        return Aligned(("a",), (0, heard.shape[1], 0))

    silence = np.full(512, -1, np.float32)
    chance = -0.1
    made = features_of_lines(Said(), posteriors=posteriors, lay=lay, features=features, silence=silence)
    assert made.shape == (512, 80)
    np.testing.assert_array_equal(made[0, :28], -1)  # 1.0 s less the margin of 0.3 s
    np.testing.assert_array_equal(made[0, 28:], np.arange(52))
    chance = -3.0
    with pytest.raises(MisfitError, match="is not what is heard"):
        features_of_lines(Said(), posteriors=posteriors, lay=lay, features=features, silence=silence)
    assert issubclass(MisfitError, CueError)
