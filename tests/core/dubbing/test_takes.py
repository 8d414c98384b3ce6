import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from codub.dubbing.record import ReviewState, TakeRecord
from codub.dubbing.takes import TakesStore, takes_folder
from codub.dubbing.takes_database import TakesError

# Adds takes for ever, saying each one only after `add` came back.
ADDER = """
import sys
from pathlib import Path
from codub.dubbing.record import TakeRecord
from codub.dubbing.takes import TakesStore

folder, size, cue = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
with TakesStore.open(folder) as store:
    print("ready", flush=True)
    for seed in range(int(sys.argv[4])):
        with store.workspace() as work:
            (work / "a.wav").write_bytes(bytes([seed % 256]) * size)
            (work / "v.mp4").write_bytes(bytes([seed % 256]) * size)
            record = TakeRecord(cue=cue, language="es", text="x", speaker="A", seed=seed, profile="embedded")
            kept = store.add(record, {"audio": work / "a.wav", "video1": work / "v.mp4"})
        print(kept.take, kept.seed, flush=True)
"""


def adder(folder: Path, *, size: int = 65536, cue: int = 1, count: int = 1_000_000) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ADDER, str(folder), str(size), str(cue), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def a_record(cue: int = 1, language: str = "es", **changes: object) -> TakeRecord:
    record = TakeRecord(cue=cue, language=language, text="Hola", speaker="ANA", seed=1, profile="embedded")
    return replace(record, **changes)


def add(store: TakesStore, record: TakeRecord, content: bytes = b"sound") -> TakeRecord:
    with store.workspace() as work:
        (work / "a.wav").write_bytes(content)
        return store.add(record, {"audio": work / "a.wav"})


@pytest.fixture
def store(tmp_path):
    with TakesStore.open(tmp_path / "DUBBED.codub") as opened:
        yield opened


def test_the_folder_stands_beside_the_timeline():
    assert takes_folder(Path("a/DUBBED.otio")) == Path("a/DUBBED.codub")


def test_a_take_is_kept_with_its_files(store):
    kept = add(store, a_record(duration=Fraction(48, 25)), b"sound")
    assert (kept.take, kept.name) == (1, "dub_es_t01")
    assert store.get(1, 1) == kept
    path = store.path(kept, "audio")
    assert path is not None
    assert path.read_bytes() == b"sound"
    assert path.name == "cue0001_es_t01_audio.wav"
    assert kept.files[0].sha256 == hashlib.sha256(b"sound").hexdigest()
    assert store.path(kept, "video1") is None
    store.verify(kept)


def test_numbers_count_within_cue_and_language(store):
    numbers = [
        add(store, a_record(cue, language)).take for cue, language in [(1, "es"), (1, "es"), (2, "es"), (1, "fr")]
    ]
    assert numbers == [1, 2, 1, 1]
    assert store.next_number(1, "es") == 3
    assert [(r.cue, r.language, r.take) for r in store.list()] == [
        (1, "es", 1),
        (1, "es", 2),
        (1, "fr", 1),
        (2, "es", 1),
    ]
    assert len(store.list(cue=1, language="es")) == 2


def test_languages_that_differ_in_spelling_only_never_share_files(store):
    records = [add(store, a_record(1, code), code.encode()) for code in ("es-MX", "es_MX", "es-mx")]
    for record, content in zip(records, (b"es-MX", b"es_MX", b"es-mx"), strict=True):
        assert (store.folder / record.files[0].path).read_bytes() == content
    assert len({record.files[0].path.lower() for record in records}) == 3


def test_a_file_from_elsewhere_is_copied_not_taken(store, tmp_path):
    recording = tmp_path / "mine.WAV"
    recording.write_bytes(b"my voice")
    kept = store.add(a_record(), {"audio": recording})
    assert recording.read_bytes() == b"my voice"
    assert kept.files[0].path.endswith(".wav")


def test_the_chosen_take(store):
    add(store, a_record())
    second = add(store, a_record())
    assert store.selected(1) is None
    store.select(1, 2)
    assert store.selected(1) == second
    store.select(1, 1, "es")
    chosen = store.selected(1, "es")
    assert chosen is not None
    assert chosen.take == 1
    assert store.selected(1, "fr") is None
    assert store.selections() == {(1, "es"): chosen}
    store.deselect(1, "es")
    assert store.selected(1, "es") is None
    assert store.selections() == {}


def test_review_is_kept_across_sessions(tmp_path):
    with TakesStore.open(tmp_path / "t") as store:
        add(store, a_record())
        store.set_state(1, 1, ReviewState.APPROVED)
        store.comment(1, 1, "sehr schön")
        store.star(1, 1)
    with TakesStore.open(tmp_path / "t", read_only=True) as store:
        record = store.get(1, 1)
        assert (record.state, record.comment, record.starred) == (ReviewState.APPROVED, "sehr schön", True)
        with pytest.raises(TakesError, match="reading only"):
            store.comment(1, 1, "no")


def test_a_take_that_is_not_there_is_named_with_those_that_are(store):
    add(store, a_record())
    with pytest.raises(TakesError, match=r"no take 4.*It has: 1 \(es\)"):
        store.select(1, 4)
    add(store, a_record(language="fr"))
    with pytest.raises(TakesError, match="several languages"):
        store.get(1, 1)


def test_altered_and_missing_files_are_named(store):
    whole, cut, gone = (add(store, a_record(), b"sound" * 9) for _ in range(3))
    (store.folder / cut.files[0].path).write_bytes(b"sound" * 8 + b"soumd")
    (store.folder / gone.files[0].path).unlink()
    store.verify(whole)
    with pytest.raises(TakesError, match=r"t02_audio.wav' was altered"):
        store.verify(cut)
    with pytest.raises(TakesError, match=r"t03_audio.wav' is missing"):
        store.verify(gone)
    assert len(store.problems()) == 2


def test_a_failed_add_leaves_nothing(store, tmp_path):
    with pytest.raises(TakesError, match="could not be kept"):
        store.add(a_record(), {"audio": tmp_path / "absent.wav"})
    assert store.list() == ()
    assert list((store.folder / "media").iterdir()) == []
    assert list((store.folder / "incoming").iterdir()) == []
    assert add(store, a_record()).take == 1


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
@pytest.mark.parametrize("heard", [0, 1, 5, 12, 23])
def test_what_was_reported_survives_a_kill(tmp_path, heard):
    process = adder(tmp_path / "t")
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(heard + 1)][1:]
    process.send_signal(signal.SIGKILL)
    said += process.stdout.read().splitlines()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    with TakesStore.open(tmp_path / "t") as store:
        reported = [tuple(map(int, line.split())) for line in said if line.strip()]
        kept = [(record.take, record.seed) for record in store.list()]
        assert kept[: len(reported)] == reported
        assert len(kept) <= len(reported) + 1  # the one whose word had not got out yet
        assert store.problems() == ()
        assert len(list((store.folder / "media").iterdir())) == 2 * len(kept)
        assert list((store.folder / "incoming").iterdir()) == []


def test_media_without_a_row_are_swept(tmp_path):
    with TakesStore.open(tmp_path / "t") as store:
        add(store, a_record())
    orphan = tmp_path / "t" / "media" / "cue0001_es_t02_audio.wav"
    orphan.write_bytes(b"half a")
    with TakesStore.open(tmp_path / "t") as store:
        assert not orphan.exists()
        assert store.problems() == ()


def test_two_writers_and_a_reader_at_once(tmp_path):
    writers = [adder(tmp_path / "t", size=2000, count=15) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    seen = [0]
    with TakesStore.open(tmp_path / "t", read_only=True) as reader:
        while any(writer.poll() is None for writer in writers):
            takes = reader.list(1)
            assert [record.take for record in takes] == list(range(1, len(takes) + 1))
            assert len(takes) >= seen[-1]
            assert all((reader.folder / file.path).is_file() for record in takes for file in record.files)
            seen.append(len(takes))
        assert len(reader.list(1)) == 30
        assert reader.problems() == ()
    for writer in writers:
        assert writer.returncode == 0
        writer.stdout.close()


def test_many_open_a_new_store_at_once(tmp_path):
    failures = []

    def start() -> None:
        try:
            with TakesStore.open(tmp_path / "t") as store:
                add(store, a_record())
        except TakesError as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with TakesStore.open(tmp_path / "t") as store:
        assert [record.take for record in store.list()] == list(range(1, 9))


def test_another_process_makes_the_revision_change(store):
    before = store.revision()
    assert store.revision() == before
    with TakesStore.open(store.folder) as other:
        add(other, a_record())
    assert store.revision() != before


def test_a_store_of_a_newer_codub_is_refused(tmp_path):
    TakesStore.open(tmp_path / "t").close()
    with sqlite3.connect(tmp_path / "t" / "takes.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    for read_only in (False, True):
        with pytest.raises(TakesError, match="newer codub"):
            TakesStore.open(tmp_path / "t", read_only=read_only)


def test_another_programs_database_is_refused(tmp_path):
    (tmp_path / "t").mkdir()
    with sqlite3.connect(tmp_path / "t" / "takes.sqlite") as database:
        database.execute("CREATE TABLE mine (x)")
    database.close()
    with pytest.raises(TakesError, match="not a takes store"):
        TakesStore.open(tmp_path / "t")


def test_a_damaged_database_is_named(tmp_path):
    TakesStore.open(tmp_path / "t").close()
    (tmp_path / "t" / "takes.sqlite").write_bytes(b"this is no database" * 400)
    with pytest.raises(TakesError, match="cannot be used"):
        TakesStore.open(tmp_path / "t")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TakesError, match="cannot be written"):
        TakesStore.open(tmp_path / "file" / "t.codub")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_takes_in_a_read_only_folder_can_be_read_but_not_added(tmp_path):
    with TakesStore.open(tmp_path / "t") as store:
        add(store, a_record())
    (tmp_path / "t").chmod(0o500)
    try:
        with pytest.raises(TakesError, match="cannot be"):
            TakesStore.open(tmp_path / "t")
        with TakesStore.open(tmp_path / "t", read_only=True) as store:
            assert len(store.list()) == 1
    finally:
        (tmp_path / "t").chmod(0o700)


def test_reading_where_nothing_was_dubbed_says_so(tmp_path):
    with pytest.raises(TakesError, match="no takes in"):
        TakesStore.open(tmp_path / "t", read_only=True)
