import numpy as np

from codub.face.spool import IN_MEMORY, Spool, picked

RECORD = np.dtype([("place", "f8", (2,)), ("name", "i4")])


def test_rows_come_back_from_anywhere_while_others_are_added() -> None:
    spool = Spool(RECORD)
    for number in range(1000):
        spool.append(np.array(((number, -number), number), RECORD))
        assert spool[-1:]["name"].tolist() == [number]
    assert len(spool) == 1000
    assert spool[10:14]["place"].tolist() == [[10, -10], [11, -11], [12, -12], [13, -13]]
    assert spool[np.array([999, 0, 5])]["name"].tolist() == [999, 0, 5]
    assert spool[::300]["name"].tolist() == [0, 300, 600, 900]
    assert len(spool[7:7]) == 0


def test_more_than_memory_may_hold_is_the_same_on_the_disk() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (1500, 16, 16, 3), np.uint8)
    spool = Spool(np.dtype((np.uint8, (16, 16, 3))))
    for picture in pictures:
        spool.append(picture)
    assert pictures.nbytes > IN_MEMORY
    np.testing.assert_array_equal(spool[:], pictures)


def test_places_that_repeat_are_picked_a_stretch_at_a_time() -> None:
    rows, places = np.arange(700), np.repeat(np.arange(0, 700, 7), 6)
    whole = np.concatenate([values for _, values in picked(rows, places)])
    np.testing.assert_array_equal(whole, places)
    assert [part.stop - part.start for part, _ in picked(rows, places)] == [256, 256, 88]
