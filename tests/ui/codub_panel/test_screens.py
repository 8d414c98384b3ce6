import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PIL import Image
from PySide6.QtCore import QSettings

from codub_panel.screens import SIZE, Screens


def test_a_picture_is_the_whole_window_and_small(qapp, qtbot, tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    screens = Screens(qapp, tmp_path, tmp_path / "place")
    qtbot.addWidget(screens.window)
    screens.keep("start")
    screens.window.perform("window.list_commands")
    screens.keep("list", screens.window.command_list)
    screens.window.close()
    assert [path.name for path in screens.made] == ["start.png", "list.png"]
    contents = []
    for path in screens.made:
        with Image.open(path) as picture:
            assert picture.size == (SIZE.width(), SIZE.height())
            contents.append(picture.tobytes())
        assert path.stat().st_size < 200_000
    assert contents[0] != contents[1]
