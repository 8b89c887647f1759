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
