"""The dubbing panel: a Qt-free session and the widgets round it."""
