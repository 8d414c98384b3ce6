"""The interface's language: English as written, another one where a translation of it is installed.

Texts stand in the code in English, through `tr`, or in the registries through `QT_TRANSLATE_NOOP`. A translation is a
file `translations/codub_xx.qm` in this package, made so:

    pyside6-lupdate ui/codub_panel/*.py -ts ui/codub_panel/translations/codub_xx.ts -locations none
    pyside6-lrelease ui/codub_panel/translations/codub_xx.ts         # after translating it, with Qt Linguist
"""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = Path(__file__).parent / "translations"
REGISTRY = "registry"  # the context of texts that stand in registries


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """The text as it is: marks it for the tool that gathers what is to be translated (Qt's own loses its type)."""
    return text


def from_registry(text: str) -> str:
    """A text of a registry in the interface's language."""
    return QCoreApplication.translate(REGISTRY, text)


def install_translation(app: QCoreApplication, locale: QLocale, folder: Path = FOLDER) -> bool:
    """Have the interface in the locale's language if there is a translation; whether there is one.

    English has a translation too, of its plurals, which stands in where there is no other.
    """
    ours = QTranslator(app)
    if not ours.load(locale, "codub", "_", str(folder)):
        if ours.load(QLocale(QLocale.Language.English), "codub", "_", str(folder)):
            app.installTranslator(ours)
        return False
    app.installTranslator(ours)
    qts = QTranslator(app)  # Qt's own dialogs
    if qts.load(locale, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(qts)
    return True
