import json

import pytest

from codub.dubbing.consent import FACE, VOICE, Consent, ConsentError, ConsentLedger
from codub.errors import UsageError


def consent(speaker: str = "Ana", **changes: object) -> Consent:
    return Consent(**{"speaker": speaker, "statement": "agreed in writing", "given_by": "A. Producer", **changes})


def test_nobody_has_agreed_at_first(tmp_path):
    ledger = ConsentLedger(tmp_path / "d.codub", tmp_path)
    assert ledger.missing(["Ana", "Luis", "Ana"]) == ("Ana", "Luis")
    with pytest.raises(ConsentError, match=r"'Ana', 'Luis'.*--consent-by") as caught:
        ledger.require("Ana", "Luis")
    assert isinstance(caught.value, UsageError)


def test_a_recorded_statement_stays(tmp_path):
    ConsentLedger(tmp_path / "d.codub").record(consent(evidence="papers/ana.pdf"))
    ConsentLedger(tmp_path / "d.codub").record(consent("Luis", scope=(VOICE,)))
    ledger = ConsentLedger(tmp_path / "d.codub")
    found = ledger.of("  ANA ")
    assert found == consent(evidence="papers/ana.pdf", date=found.date if found else "")
    assert ledger.missing(["Ana", "Luis"]) == ("Luis",)
    assert ledger.missing(["Ana", "Luis"], scope=(VOICE,)) == ()
    ledger.require("ana")


def test_declaring_adds_only_what_is_missing(tmp_path):
    ledger = ConsentLedger(tmp_path)
    ledger.record(consent())
    added = ledger.declare(["Ana", "Luis"], "B. Editor")
    assert [(c.speaker, c.given_by) for c in added] == [("Luis", "B. Editor")]
    assert ledger.declare(["Ana", "Luis"], "B. Editor") == ()
    ledger.require("Ana", "Luis", scope=(VOICE, FACE))


def test_what_came_with_the_material_counts_and_is_not_written(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    ConsentLedger(project).record(consent())
    before = (project / "consent.json").read_bytes()
    ledger = ConsentLedger(tmp_path / "d.codub", project)
    ledger.require("Ana")
    ledger.record(consent("Luis"))
    assert (project / "consent.json").read_bytes() == before
    assert [c.speaker for c in ledger.consents()] == ["Ana", "Luis"]


def test_a_withdrawal_ends_the_matter_and_history_stays(tmp_path):
    ledger = ConsentLedger(tmp_path)
    ledger.record(consent())
    ledger.record(consent(statement="withdrawn by letter", scope=()))
    assert ledger.missing(["Ana"]) == ("Ana",)
    assert len(ledger.consents()) == 2


@pytest.mark.parametrize("wrong", [{"statement": " "}, {"given_by": ""}, {"scope": ("soul",)}])
def test_a_statement_must_say_something(wrong):
    with pytest.raises(ConsentError):
        consent(**wrong)


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"layout": 1}', '{"layout": 9, "consents": []}', '{"layout": 1, "consents": [{"speaker": "Ana"}]}'],
)
def test_a_damaged_file_is_named_never_taken_for_no_consent(tmp_path, content):
    (tmp_path / "consent.json").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"consent\.json"):
        ConsentLedger(tmp_path).missing(["Ana"])


def test_an_unknown_key_is_an_error(tmp_path):
    entry = {"speaker": "Ana", "statement": "x", "given_by": "y", "scop": ["voice"]}
    (tmp_path / "consent.json").write_text(json.dumps({"layout": 1, "consents": [entry]}), encoding="utf-8")
    with pytest.raises(UsageError, match="scop"):
        ConsentLedger(tmp_path).consents()
