"""Fixtures everybody shares: no network, no screen, real data only where it is there."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real recordings (`$CODUB_CORPORA`, or `../shared/corpora` beside the checkout)."""
    folder = Path(os.environ.get("CODUB_CORPORA", ROOT.parent / "shared" / "corpora"))
    if not (folder / "grid").is_dir():
        pytest.skip("real recordings are not here (set CODUB_CORPORA)")
    return folder


@pytest.fixture(scope="session")
def weights_home() -> Path:
    """The home of the fetched weights, all of which are there."""
    from codub import weights

    missing = [a.name for a in weights.ASSETS.values() if a.needed and not weights.present(a)]
    if missing:
        pytest.skip(f"weights are not here: {', '.join(missing)} (codub weights fetch)")
    return weights.home()
