"""VGG-19: the published layout, what the loss sees, and the way of its weights from the file into use."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from codub import weights
from codub.errors import WeightsError
from codub.jobs.importing import import_checkpoints
from codub.jobs.recognising import recognise
from codub.training import vgg19
from codub.training.vgg19 import Vgg19, load_vgg19


def published(**changes: torch.Tensor) -> dict[str, torch.Tensor]:
    """A state of the published keys and shapes; one number each, so that a file of it is small."""
    return {name: torch.full((1,), 0.01).expand(shape) for name, shape in vgg19.layout().shapes.items()} | changes


def saved(path: Path, state: dict[str, torch.Tensor]) -> Path:
    torch.save(state, path)
    return path


def test_the_layout_is_that_of_the_paper() -> None:
    """144 million weights (Simonyan and Zisserman 2014, table 2), in torchvision's numbering of the layers."""
    layout = vgg19.layout()
    assert layout.parameters == 143_667_240
    convolutions = [name for name in layout.shapes if name.startswith("features.") and name.endswith("weight")]
    numbers = [int(name.split(".")[1]) for name in convolutions]
    assert numbers == [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]


def test_maps_are_the_first_of_each_block() -> None:
    torch.manual_seed(0)
    network = Vgg19().eval().requires_grad_(False)
    pictures = torch.rand(1, 3, 32, 32)
    maps = network(pictures)
    sides = [(64, 32), (128, 16), (256, 8), (512, 4), (512, 2)]
    assert [(each.shape[1], each.shape[2]) for each in maps] == sides
    state = network.state_dict()
    mean, deviation = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[:, :, None, None]
    x = (pictures - mean) / deviation

    def convolved(x: torch.Tensor, number: int) -> torch.Tensor:
        weight, bias = state[f"features.{number}.weight"], state[f"features.{number}.bias"]
        return functional.conv2d(x, weight, bias, padding=1).relu()

    first = convolved(x, 0)
    second = convolved(functional.max_pool2d(convolved(first, 2), 2), 5)
    torch.testing.assert_close(maps[0], first)
    torch.testing.assert_close(maps[1], second)


def test_the_published_file_is_recognised_imported_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(tmp_path / "home"))
    assert not vgg19.is_here()
    with pytest.raises(WeightsError, match="vgg-19"):
        load_vgg19()
    file = saved(tmp_path / "vgg19-dcbf9e36.pth", published())
    (record,) = import_checkpoints([file])
    assert (record.name, record.parameters, record.source) == ("vgg-19", 143_667_240, file.name)
    assert "classifier" in record.kept
    assert vgg19.is_here()
    network = load_vgg19()
    assert set(network.state_dict()) == set(vgg19.kept(published()))
    assert not any(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"features.7.bias": torch.full((128,), float("nan"))}, "poisoned"),
        ({"features.7.bias": torch.zeros(64)}, "other sizes"),
        ({"features.1.running_mean": torch.zeros(64)}, "do not belong"),
    ],
)
def test_a_file_that_is_not_exactly_it_is_refused(
    tmp_path: Path, change: dict[str, torch.Tensor], complaint: str
) -> None:
    with pytest.raises(WeightsError, match=complaint):
        recognise(saved(tmp_path / "vgg.pth", published(**change)))


def test_a_file_that_lacks_something_is_refused(tmp_path: Path) -> None:
    state = published()
    del state["classifier.6.bias"]
    with pytest.raises(WeightsError, match="lacks 1 of 38"):
        recognise(saved(tmp_path / "vgg.pth", state))
