"""A statement is given under a name, for something, or not at all."""

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QDialog

from codub.dubbing.consent import Consent
from codub_panel.cast.consent_form import STATEMENT, ConsentForm, ask_consent


def test_the_statement_is_what_the_form_says(qtbot):
    form = ConsentForm("ANA")
    qtbot.addWidget(form)
    form.show()
    assert not form.declare.isEnabled()
    qtbot.keyClicks(form.given_by, "B. Editor")
    form.date.setDate(QDate(2026, 3, 4))
    qtbot.keyClicks(form.evidence, "contract 7")
    form.face.setChecked(False)
    assert form.consent() == Consent("ANA", STATEMENT, "B. Editor", "2026-03-04", ("voice",), "contract 7")
    assert form.declare.isEnabled()
    form.voice.setChecked(False)
    assert not form.declare.isEnabled()
    form.face.setChecked(True)
    form.statement.clear()
    assert not form.declare.isEnabled()


@pytest.mark.parametrize(
    ("answer", "given"), [(QDialog.DialogCode.Accepted, True), (QDialog.DialogCode.Rejected, False)]
)
def test_it_is_asked_for_and_may_be_refused(qtbot, monkeypatch, answer, given):
    monkeypatch.setattr(ConsentForm, "exec", lambda self: answer)
    consent = ask_consent("ANA", "B. Editor", None)
    assert (consent is not None and consent.given_by == "B. Editor") == given


def test_the_form_is_filled_by_keys_alone(qtbot):
    form = ConsentForm("ANA", "B. Editor")
    qtbot.addWidget(form)
    form.show()
    qtbot.keyClick(form.given_by, Qt.Key.Key_Return)
    assert form.result() == QDialog.DialogCode.Accepted
