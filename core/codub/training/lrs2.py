"""Folders as the corpus LRS2 lays them out: `main/<speaker>/<n>.mp4` with `<n>.txt`, and lists of what is for what.

LRS2 (Son Chung, Senior, Vinyals, Zisserman, "Lip reading sentences in the wild", 2017) is BBC footage under an
agreement of its own, 160 x 160 pixels, 25 frames/s. `train.txt`, `val.txt` and `test.txt` name a clip a line, such as
`5535415699068794046/00001`; in `test.txt` a mark such as `NF` may follow. A text file reads `Text:  WHAT IS SAID`, then
`Conf:  4`. `pretrain/` holds longer clips with the times of their words, listed in `pretrain.txt`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from codub.errors import UsageError
from codub.training.face_cache import FaceCache
from codub.training.film_corpus import CHECKED, CorpusSplit, Progress, held_out_people
from codub.training.film_folder import cache_name
from codub.training.film_records import Film
from codub.training.processes import ALONE, Processes
from codub.training.spoken_clip import LeftOut
from codub.training.talking_films import HELD_OUT, cut_films, some_films, split_by_people
from codub.training.transcripts import LONGEST_TEXT, read_transcript

CREDIT = "LRS2-BBC or a corpus of its layout (Son Chung, Senior, Vinyals, Zisserman 2017), under its own agreement"
LISTS = {"train": "main", "val": "main", "test": "main", "pretrain": "pretrain"}  # list, and the folder of its clips
TRAINED_ON = ("train", "pretrain")


@dataclass(frozen=True)
class Lrs2:
    """The corpus in `folder`, which holds `main/` and the lists."""

    folder: Path
    credit: str = CREDIT

    def cut(self, cache: FaceCache, progress: Progress, processes: Processes = ALONE) -> CorpusSplit:
        """Clips of the training lists; of the people of `val.txt` and `test.txt`, who are held out, only as many as are
        measured. Without lists a tenth is held out, by people.

        Raises:
            UsageError: the folder is laid out in another way, or its lists name nothing to train on.
        """
        training, kept_back, left_out = read_lrs2(self.folder)
        found = cut_films((*training, *some_films(kept_back, CHECKED)), cache, progress, processes)
        found = replace(found, left_out=(*found.left_out, *left_out))
        return split_by_people(found, {film.person for film in kept_back})


def read_lrs2(folder: Path) -> tuple[tuple[Film, ...], tuple[Film, ...], tuple[LeftOut, ...]]:
    """Films to train on, films of the people that are held out, and what the lists name but cannot be used.

    Raises:
        UsageError: the folder is laid out in another way, or its lists name nothing to train on.
    """
    if not (folder / "main").is_dir():
        raise UsageError(
            f"There is no corpus of LRS2's layout in '{folder}'.",
            cause=f"'{folder / 'main'}' does not exist.",
            fix="Give the folder that holds main/, train.txt and test.txt; for other layouts there is --films.",
        )
    listed = {name: _listed(folder / f"{name}.txt") for name in LISTS if (folder / f"{name}.txt").is_file()}
    if not listed:
        return _without_lists(folder)
    held_out = {_speaker(clip) for name in ("val", "test") for clip in listed.get(name, ())}
    training, kept_back, left_out = list[Film](), list[Film](), list[LeftOut]()
    for name, clips in listed.items():
        for clip in clips:
            film = _film(folder, LISTS[name], clip)
            if not film.path.is_file():
                left_out.append(LeftOut(film.name, 0.0, 0.0, "missing", f"{name}.txt names it, and it is not there"))
            elif name not in TRAINED_ON:
                kept_back.append(film)
            elif film.person in held_out:
                reason = f"{name}.txt and the lists of held-out people name '{film.person}'"
                left_out.append(LeftOut(film.name, 0.0, 0.0, "held out", reason))
            else:
                training.append(film)
    if not training:
        raise UsageError(f"The lists in '{folder}' name no film to train on.", fix="Look at train.txt and at main/.")
    return tuple(training), tuple(kept_back), tuple(left_out)


def _without_lists(folder: Path) -> tuple[tuple[Film, ...], tuple[Film, ...], tuple[LeftOut, ...]]:
    main = folder / "main"
    found = sorted(path.relative_to(main).with_suffix("").as_posix() for path in main.glob("*/*.mp4"))
    films = [_film(folder, "main", clip) for clip in found]
    if not films:
        raise UsageError(f"There is no film in '{main}'.", fix="It should hold <speaker>/<n>.mp4.")
    counts: Mapping[str, int] = {
        person: sum(film.person == person for film in films) for person in {film.person for film in films}
    }
    held_out = held_out_people(counts, HELD_OUT)
    training = tuple(film for film in films if film.person not in held_out)
    return training, tuple(film for film in films if film.person in held_out), ()


def _film(folder: Path, part: str, clip: str) -> Film:
    path = folder / part / f"{clip}.mp4"
    # What main/ holds is at most some seconds long; nothing is probed here, the lists are long.
    lines, note = read_transcript(path, LONGEST_TEXT, "en")
    return Film(cache_name("lrs2", part, *clip.split("/")), _speaker(clip), path, lines, note)


def _listed(path: Path) -> list[str]:
    rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return [row[0].removeprefix("main/").removeprefix("pretrain/").removesuffix(".mp4") for row in rows if row]


def _speaker(clip: str) -> str:
    return clip.split("/")[0]
