import pytest

from computility.hub.main import build_options, build_parser, main

KUBECONFIG = ("--kubeconfig", "/none")


def test_two_hubs_on_one_machine_have_two_names() -> None:
    first, second = (
        build_options(build_parser().parse_args([*KUBECONFIG, "--port", port])) for port in ("8081", "8082")
    )

    assert first.identity != second.identity


def test_without_a_port_of_its_own_a_hub_needs_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*KUBECONFIG, "--port", "0"])

    assert end.value.code == 2
    assert "--port 0 needs --identity NAME" in capsys.readouterr().err


def test_shares_are_given_by_namespace() -> None:
    arguments = build_parser().parse_args([*KUBECONFIG, "--share", "team-a=2", "--share", "team-b=0.5"])

    assert build_options(arguments).weights == {"team-a": 2.0, "team-b": 0.5}


@pytest.mark.parametrize("text", ["team-a", "team-a=0", "team-a=-1", "team-a=nan", "=1", "Team=1", "a=1\n"])
def test_a_share_that_is_none_is_refused_with_an_example(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args([*KUBECONFIG, "--share", text])

    assert "as in team-a=2" in capsys.readouterr().err
