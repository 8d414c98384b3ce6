"""What may be loaded where: opening a timeline or asking for help must not cost a second of torch."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "PySide6", "cv2")


def loaded_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import codub.cli.main",
        "import codub.timeline.read, codub.timeline.subtitles, codub.timeline.write",
        "import codub.dubbing.choosing, codub.dubbing.report",
        "import otio_codub",
        "import opentimelineio as otio; otio.plugins.ActiveManifest()",
    ],
)
def test_light_parts_stay_light(statement: str) -> None:
    assert loaded_after(statement) == set()


def test_a_dub_needs_no_qt() -> None:
    assert "PySide6" not in loaded_after("import codub.dubbing.dub, codub.jobs.demo")
