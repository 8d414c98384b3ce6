"""The panel's colours, light and dark: every text on every ground it can stand on reads at 4.5 : 1 or better."""

from dataclasses import dataclass, fields

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from codub_panel.project.session import LineState

_SETTING = "theme"


@dataclass(frozen=True)
class Theme:
    """Colours as `#rrggbb`. Grounds: `window`, `base`, `raised`, `selected`; the rest are texts, marks and borders."""

    window: str
    base: str
    raised: str
    selected: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    new: str
    queued: str
    running: str
    review: str
    approved: str
    needs_work: str

    def state(self, state: LineState) -> QColor:
        """Colour of a line's state, always beside its word and its shape."""
        return QColor(getattr(self, state.name.lower()))

    def palette(self) -> QPalette:
        """The same for Qt's own widgets."""
        palette = QPalette()
        role = QPalette.ColorRole
        for roles, colour in (
            ((role.Window, role.Button, role.AlternateBase), self.window),
            ((role.Base,), self.base),
            ((role.Light, role.Midlight, role.ToolTipBase), self.raised),
            ((role.Mid, role.Dark), self.border),
            ((role.Text, role.WindowText, role.ButtonText, role.ToolTipText, role.BrightText), self.text),
            ((role.PlaceholderText,), self.muted),
            ((role.Highlight, role.Link, role.Accent), self.accent),
            ((role.HighlightedText,), self.on_accent),
        ):
            for each in roles:
                palette.setColor(each, QColor(colour))
        for each in (role.Text, role.WindowText, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(self.muted))
        return palette


LIGHT = Theme(
    window="#f3f4f6", base="#ffffff", raised="#e9ebef", selected="#dfeafa", border="#cfd3da",
    text="#1d2127", muted="#565d68", accent="#1f5fae", on_accent="#ffffff",
    new="#565d68", queued="#7a4d00", running="#1b57a3", review="#6a3fa0", approved="#1a6335", needs_work="#a52a20",
)  # fmt: skip
DARK = Theme(
    window="#1f2226", base="#17191c", raised="#2a2e34", selected="#263a55", border="#3b4048",
    text="#e6e8eb", muted="#aab1bb", accent="#7db4ff", on_accent="#10161f",
    new="#aab1bb", queued="#e3b65a", running="#86bbff", review="#cda9fa", approved="#76d196", needs_work="#ff9d92",
)  # fmt: skip

GROUNDS = ("window", "base", "raised", "selected")
INKS = tuple(f.name for f in fields(Theme) if f.name not in (*GROUNDS, "border", "on_accent"))


class Themes(QObject):
    """Which theme is on: as the system has it, unless somebody chose. `changed` carries the new one."""

    changed = Signal(object)

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._chosen = str(QSettings("codub", "panel").value(_SETTING, "system"))
        self.theme = LIGHT
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _scheme: self._apply())
        app.setStyle("Fusion")
        self._apply()

    @property
    def chosen(self) -> str:
        """`system`, `light` or `dark`."""
        return self._chosen

    @property
    def follows_system(self) -> bool:
        """Whether the colours are the system's."""
        return self._chosen not in ("light", "dark")

    @property
    def is_light(self) -> bool:
        """Whether somebody chose light colours."""
        return self._chosen == "light"

    @property
    def is_dark(self) -> bool:
        """Whether somebody chose dark colours."""
        return self._chosen == "dark"

    def follow_system(self) -> None:
        """Light or dark as the system has it."""
        self.choose("system")

    def go_light(self) -> None:
        """Light colours."""
        self.choose("light")

    def go_dark(self) -> None:
        """Dark colours."""
        self.choose("dark")

    def choose(self, which: str) -> None:
        """Have it light, dark, or as the system has it; remembered."""
        self._chosen = which
        QSettings("codub", "panel").setValue(_SETTING, which)
        self._apply()

    def _apply(self) -> None:
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        self.theme = {"light": LIGHT, "dark": DARK}.get(self._chosen, DARK if dark else LIGHT)
        self._app.setPalette(self.theme.palette())
        self._app.setStyleSheet(_sheet(self.theme))
        self.changed.emit(self.theme)


def themes() -> Themes:
    """The application's themes, made at the first call."""
    app = QApplication.instance()
    assert isinstance(app, QApplication), "a QApplication comes first"
    found = app.findChild(Themes)
    return found if isinstance(found, Themes) else Themes(app)


def theme() -> Theme:
    """The theme that is on, for what paints itself."""
    return themes().theme


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _sheet(theme: Theme) -> str:
    return f"""
    QMainWindow::separator {{ background: {theme.border}; width: 3px; height: 3px; }}
    QMainWindow::separator:hover {{ background: {theme.accent}; }}
    QDockWidget {{ font-weight: 600; }}
    QDockWidget::title {{ background: {theme.raised}; padding: 5px 8px; }}
    QDockWidget > QWidget {{ font-weight: normal; }}
    QToolTip {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border}; padding: 4px; }}
    QLineEdit, QPlainTextEdit {{
        background: {theme.base}; color: {theme.text}; border: 1px solid {theme.border}; border-radius: 4px;
        padding: 4px 6px; selection-background-color: {theme.accent}; selection-color: {theme.on_accent};
    }}
    QAbstractItemView QLineEdit {{ padding: 0 4px; border-radius: 0; }}
    QLineEdit:focus, QPlainTextEdit:focus {{ border: 1px solid {theme.accent}; }}
    QComboBox {{ padding: 3px 6px; }}
    QPushButton {{
        background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border}; border-radius: 4px;
        padding: 5px 12px;
    }}
    QPushButton:hover {{ border-color: {theme.accent}; }}
    QPushButton:focus {{ border: 1px solid {theme.accent}; }}
    QPushButton:default, QPushButton[primary="true"] {{
        background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent};
    }}
    QPushButton:disabled {{ color: {theme.muted}; background: {theme.window}; }}
    QHeaderView::section {{
        background: {theme.raised}; color: {theme.muted}; border: none; border-right: 1px solid {theme.border};
        padding: 5px 8px; font-weight: 600;
    }}
    QTableView, QListView, QListWidget, QTreeView {{
        background: {theme.base}; border: 1px solid {theme.border}; gridline-color: {theme.border};
        selection-background-color: {theme.selected}; selection-color: {theme.text};
    }}
    QTreeView::item, QListView::item {{ padding: 4px 6px; }}
    QTreeView::item:selected, QListView::item:selected {{ background: {theme.selected}; color: {theme.text}; }}
    QProgressBar {{
        border: 1px solid {theme.border}; border-radius: 4px; background: {theme.base}; color: {theme.text};
        text-align: center; min-height: 18px;
    }}
    QProgressBar::chunk {{ background: {theme.selected}; border-radius: 3px; }}
    QMenu::item:selected, QMenuBar::item:selected {{ background: {theme.selected}; color: {theme.text}; }}
    QStatusBar {{ color: {theme.muted}; }}
    """
