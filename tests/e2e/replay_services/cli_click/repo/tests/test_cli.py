from click.testing import CliRunner

from ledger.cli import main


def test_report(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("x;1.5")
    assert CliRunner().invoke(main, ["report", str(file)]).output == "1.50 EUR, largest 1.50\n"
