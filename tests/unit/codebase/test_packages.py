"""What production had and an interpreter has not, by the names of distributions."""

from pathlib import Path

from triage.codebase.packages import lacking


def test_names_are_compared_as_pip_does_and_the_repos_own_is_left_out(tmp_path: Path) -> None:
    site, repo = tmp_path / "site", tmp_path / "repo"
    for name in ("Flask-3.0.dist-info", "zope.interface-7.0.dist-info", "old_one-1.egg-info", "linked.egg-link"):
        (site / name).mkdir(parents=True)
    (repo / "src" / "my_shop").mkdir(parents=True)
    production = {
        "flask": "3.1", "zope-interface": "7.1", "Old.One": "1", "my-shop": "1.4", "sentry-sdk": "2.7", "pip": "26",
        "SQLAlchemy": "2.0", "httpx": "0.28",
    }  # fmt: skip
    assert lacking(production, [site, tmp_path / "nowhere.zip"], repo) == ("SQLAlchemy", "httpx")
    assert lacking({}, [site], repo) == ()


def test_what_setuptools_carries_along_is_not_missed(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    carried = {"setuptools": "80.9", "jaraco.text": "3.12", "backports.tarfile": "1.2", "packaging": "24.2"}
    assert lacking({**carried, "flask": "3.1"}, [tmp_path / "site"], tmp_path) == ("flask",)
    assert lacking({"setuptools": "80.9", "packaging": "24.2"}, [tmp_path / "site"], tmp_path) == ("packaging",)
