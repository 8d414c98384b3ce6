"""Settings: what is unknown or of the wrong type is an error that says what would be right."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from codub import config
from codub.errors import UsageError


@dataclass(frozen=True)
class Inner:
    rate: float = 1.0
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outer:
    steps: int = 10
    title: str = "x"
    sharp: bool = False
    limit: float | None = 2.0
    inner: Inner = field(default_factory=Inner)
    stages: tuple[Inner, ...] = ()


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_states_differences_only(tmp_path: Path) -> None:
    text = "steps: 7\nlimit: null\ninner:\n  rate: 3\n  names: [a, b]\nstages:\n  - rate: 0.5\n  - {}\n"
    made = config.load(Outer, written(tmp_path, text))
    assert made == Outer(7, "x", False, None, Inner(3.0, ("a", "b")), (Inner(0.5), Inner()))
    assert isinstance(made.inner.rate, float)


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert config.load(Outer, written(tmp_path, "# nothing\n")) == Outer()


def test_overrides_win(tmp_path: Path) -> None:
    made = config.load(Outer, written(tmp_path, "steps: 7\ntitle: y\n"), steps=9)
    assert (made.steps, made.title) == (9, "y")


def test_an_unknown_key_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        config.load(Outer, written(tmp_path, "step: 7\n"))
    assert "'step'" in caught.value.message
    assert "mine.yaml" in caught.value.message
    assert "inner, limit, sharp, stages, steps, title" in caught.value.fix


@pytest.mark.parametrize("text", ["inner:\n  speed: 1\n", "stages:\n  - speed: 1\n"])
def test_an_unknown_key_deep_inside_names_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"'speed' in mine.yaml: (inner|stages).*names, rate"):
        config.load(Outer, written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps: many\n", "steps is 'many', but a whole number is wanted"),
        ("steps: true\n", "steps is True"),
        ("steps: 1.5\n", "steps is 1.5"),
        ("sharp: 1\n", "sharp is 1, but true or false"),
        ("title: 3\n", "title is 3, but a text"),
        ("inner:\n  rate: fast\n", "rate is 'fast', but a number"),
        ("inner:\n  rate: true\n", "rate is True"),
        ("inner: 3\n", r"inner is 3, but a mapping \(rate, names\)"),
        ("inner:\n  names: [1]\n", "names is 1, but a text"),
        ("stages: 3\n", "stages is 3, but a list"),
        ("limit: much\n", "limit is 'much', but a number"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        config.load(Outer, written(tmp_path, text))


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "just words\n"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="not a mapping"):
        config.load(Outer, written(tmp_path, text))


def test_broken_yaml_and_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        config.load(Outer, written(tmp_path, "steps: [1\n"))
    with pytest.raises(UsageError, match="do not exist"):
        config.load(Outer, tmp_path / "absent.yaml")


def test_a_bare_name_means_one_that_ships() -> None:
    with pytest.raises(UsageError, match=r"no configuration 'embeded'.*There are: .*embedded"):
        config.load(Outer, "embeded")


def test_a_difference_goes_over_a_base_mapping_by_mapping(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("steps: 7\ninner: {rate: 3, names: [a]}\nstages: [{rate: 1}]\n", encoding="utf-8")
    text = "title: other\ninner: {rate: 4}\nstages: [{rate: 2}]\n"
    made = config.load_difference(Outer, base, written(tmp_path, text))
    assert made == Outer(7, "other", inner=Inner(4.0, ("a",)), stages=(Inner(2.0),))


def test_an_unknown_key_in_a_difference_is_an_error(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("steps: 7\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"'rat' in mine.yaml: inner"):
        config.load_difference(Outer, base, written(tmp_path, "inner: {rat: 3}\n"))
