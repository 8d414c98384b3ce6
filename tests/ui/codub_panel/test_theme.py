import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QSettings
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from codub_panel.project.session import LineState
from codub_panel.theme import DARK, GROUNDS, INKS, LIGHT, Theme, contrast, themes

READABLE = 4.5  # WCAG 2.2 AA, text of any size


def test_contrast_is_what_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the standard's own borderline example
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_reads_on_every_ground(theme: Theme):
    poor = [
        (ink, ground, round(contrast(getattr(theme, ink), getattr(theme, ground)), 2))
        for ink in INKS
        for ground in GROUNDS
        if contrast(getattr(theme, ink), getattr(theme, ground)) < READABLE
    ]
    assert poor == []
    assert contrast(theme.on_accent, theme.accent) >= READABLE


def test_every_state_has_a_colour():
    assert all(LIGHT.state(state).isValid() and DARK.state(state).isValid() for state in LineState)


def test_the_theme_is_chosen_and_remembered(qtbot, tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    kept = themes()
    before = kept.chosen
    try:
        with qtbot.waitSignal(kept.changed) as told:
            kept.choose("dark")
        assert told.args == [DARK]
        app = QApplication.instance()
        assert app.palette().color(QPalette.ColorRole.Window).name() == DARK.window
        assert QSettings("codub", "panel").value("theme") == "dark"
        kept.choose("light")
        assert app.palette().color(QPalette.ColorRole.Window).name() == LIGHT.window
    finally:
        kept.choose(before)
