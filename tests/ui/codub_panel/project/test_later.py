from codub_panel.project.later import Later


def test_it_is_made_when_it_is_looked_into_and_only_once():
    made = []

    def make() -> tuple[int, ...]:
        made.append(True)
        return 3, 1, 2

    later = Later(make)
    assert not made
    assert len(later) == 3
    assert (later[0], later[1:], [*later]) == (3, (1, 2), [3, 1, 2])
    assert 2 in later
    assert made == [True]


def test_an_empty_one_is_false():
    assert not Later(tuple)


def test_it_equals_its_tuple():
    assert Later(lambda: (1, 2)) == (1, 2)
    assert Later(lambda: (1, 2)) == Later(lambda: (1, 2))
    assert Later(lambda: (1, 2)) != (1, 3)
    assert {Later(lambda: (1, 2))} == {(1, 2)}
