"""A customer's report, linked and listed on the command line."""

from pathlib import Path

from tests.e2e.cli_ground import crash, environment, make_repo, saved, triage


def test_a_report_is_linked_listed_and_taken_away(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    here = environment(TRIAGE_HOME=str(tmp_path / "home"))
    options = ("--repo", repo)
    assert triage("import", saved(tmp_path, crash()), *options, env=here).code == 0
    ticket = tmp_path / "ticket.md"
    ticket.write_text("It broke \x1b]0;owned\x07\u202e[red]\n\n## Impact\nall shops\n", encoding="utf-8")
    added = triage("report", "add", "T-1", "--file", ticket, "--type", "crash", *options, env=here)
    assert added.code == 0
    assert "type: crash" in added.out
    assert "impact: all shops" in added.out
    assert "\x1b" not in added.out
    assert "\u202e" not in added.out
    listed = triage("report", "ls", "--json", *options, env=here)
    assert [(item["issue_id"], item["source"]) for item in listed.json] == [(1, "ticket.md")]
    assert "Reports: 1" in triage("show", "1", *options, env=here).out
    assert triage("report", "rm", "1", *options, env=here).code == 0
    assert triage("report", "ls", "--json", *options, env=here).json == []


def test_what_cannot_be_linked_is_told_in_one_line(tmp_path: Path) -> None:
    here = environment(TRIAGE_HOME=str(tmp_path / "home"))
    options = ("--repo", make_repo(tmp_path / "repo"))
    for words, told in (
        (("add", "T-9", "--text", "x"), "no issue T-9"),
        (("add", "1", "--file", tmp_path / "nowhere"), "no issue 1"),
        (("add", "1"), "--file --text"),
        ((), "what about reports?"),
        (("rm", "7"), "no report 7"),
    ):
        said = triage("report", *words, *options, env=here)
        assert said.code != 0
        assert told in said.last
