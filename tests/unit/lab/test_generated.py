"""Files that are made out of the code."""

from pathlib import Path

import pytest
import typer

from computility.lab.generated import Generated

FILES = Generated({"a.yaml": "a: 1\n", "below/b.yaml": "b: 2\n"}, "make them", ("*.yaml", "below/*.yaml"))


def test_what_was_written_is_as_it_should_be(tmp_path: Path) -> None:
    FILES.write(tmp_path / "new")

    FILES.check(tmp_path / "new")
    assert (tmp_path / "new" / "below" / "b.yaml").read_text() == "b: 2\n"


def test_what_is_not_as_it_should_be_is_told_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\r\n")
    (tmp_path / "stray.yaml").write_text("")
    (tmp_path / "of-no-pattern.txt").write_text("")

    with pytest.raises(typer.Exit) as ended:
        FILES.check(tmp_path)

    assert ended.value.exit_code == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{name} is not what the code makes: run `make them`"
        for name in ("a.yaml", "below/b.yaml", "stray.yaml")
    ]
