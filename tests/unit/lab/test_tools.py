"""Finding, downloading and building the control plane's programs; the programs here are small scripts."""

import dataclasses
import hashlib
import http.server
import io
import re
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from computility.lab.layout import checkout_folder, tools_cache
from computility.lab.tool_download import Downloader, DownloadFailed, find_checksum
from computility.lab.tool_provider import Provider, ToolUnavailable
from computility.lab.tool_search import ENVTEST, SETTING, Search, WrongSetting, cached_program, parse_version
from computility.lab.tool_specs import ETCD, HELM, KUBERNETES, SPECS, Download, ToolSpec, go_toolchain
from computility.lab.tools import ensure_tools
from computility.lab.waiting import holds_within

NOWHERE = Download("http://127.0.0.1:1/etcd", "http://127.0.0.1:1/etcd.sha256")
SPEC = dataclasses.replace(SPECS["etcd"], download=NOWHERE)
GOOD, OLD = f"etcd Version: {ETCD}", "etcd Version: 3.4.23"


def a_program(folder: Path, output: str = GOOD, name: str = "etcd") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{output}'\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    "present",
    [
        pytest.param(["setting", "envtest", "path", "cache"], id="the-setting-goes-first"),
        pytest.param(["envtest", "path", "cache"], id="then-envtest"),
        pytest.param(["path", "cache"], id="then-path"),
        pytest.param(["cache"], id="then-the-cache"),
    ],
)
def test_programs_are_searched_in_order(tmp_path: Path, present: list[str]) -> None:
    folders = {name: tmp_path / name for name in ("setting", "envtest", "path")}
    folders["cache"] = cached_program(tmp_path / "cache", SPEC).parent
    environment = {SETTING: str(tmp_path / "setting"), ENVTEST: str(tmp_path / "envtest")}
    (tmp_path / "setting").mkdir()
    for name in present:
        a_program(folders[name])

    found = Search(SPEC).find({**environment, "PATH": str(tmp_path / "path")}, tmp_path / "cache")

    assert found == folders[present[0]] / "etcd"


def test_one_that_is_too_old_is_passed_over_with_the_reason(tmp_path: Path) -> None:
    old, good = a_program(tmp_path / "old", OLD), a_program(tmp_path / "good")
    search = Search(SPEC)

    found = search.find({"PATH": f"{old.parent}:{good.parent}"}, tmp_path / "cache")

    assert found == good
    assert search.passed_over == [f'"{old}" is 3.4.23, not at least 3.5 and below 4']


def test_one_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "bin/etcd"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    search = Search(SPEC)

    assert search.find({"PATH": str(broken.parent)}, tmp_path / "cache") is None
    assert "does not tell its version" in search.passed_over[0]


def test_a_setting_with_an_old_program_is_an_error(tmp_path: Path) -> None:
    a_program(tmp_path, OLD)

    with pytest.raises(WrongSetting, match=r"3\.4\.23"):
        Search(SPEC).find({SETTING: str(tmp_path)}, tmp_path / "cache")


def test_a_setting_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="no folder"):
        Search(SPEC).find({SETTING: str(tmp_path / "typo")}, tmp_path / "cache")


@pytest.mark.parametrize(
    ("output", "version"),
    [
        pytest.param("Kubernetes v1.36.3\n", (1, 36, 3), id="kube-apiserver"),
        pytest.param('{"clientVersion": {"gitVersion": "v1.32.4-dispatcher"}}', (1, 32, 4), id="kubectl"),
        pytest.param(
            "etcd Version: 3.6.16\nGit SHA: Not provided\nGo Version: go1.26.8\n", (3, 6, 16), id="etcd"
        ),
        pytest.param("v4.2", (4, 2), id="two-numbers"),
        pytest.param("hello", None, id="no-version"),
    ],
)
def test_versions_are_read(output: str, version: tuple[int, ...] | None) -> None:
    assert parse_version(output) == version


def test_the_dispatcher_of_an_old_kubectl_will_not_do() -> None:
    assert not SPECS["kubectl"].accepts((1, 32, 4))


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `go` that makes a program of the right version; returns the file with a line for each build."""
    return a_go(tmp_path, monkeypatch, f"printf '#!/bin/sh\\necho {GOOD}\\n' > $out; chmod +x $out")


def a_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str) -> Path:
    calls = tmp_path / "builds"
    calls.touch()
    script = f"""#!/bin/sh
[ $1 = env ] && {{ echo go1.26.8; exit; }}
while [ $# -gt 0 ]; do [ $1 = -o ] && out=$2; shift; done
echo build >> {calls}
{work}
"""
    folder = tmp_path / "go"
    folder.mkdir()
    (folder / "go").write_text(script)
    (folder / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return calls


def a_provider(cache: Path) -> Provider:
    return Provider(cache, Console(file=io.StringIO()), total=1)


def test_what_cannot_be_downloaded_is_built_once_and_then_found(tmp_path: Path, builds: Path) -> None:
    cache = tmp_path / "cache"

    program = a_provider(cache).provide(Search(SPEC), 1)
    again = a_provider(cache).provide(Search(SPEC), 1)

    assert program == again == Search(SPEC).find({}, cache)
    assert builds.read_text() == "build\n"


def test_a_half_built_program_is_never_used(tmp_path: Path, builds: Path) -> None:
    cache = tmp_path / "cache"
    a_program(cache / f"etcd-{ETCD}.partial", "half")

    assert Search(SPEC).find({}, cache) is None
    program = a_provider(cache).provide(Search(SPEC), 1)

    assert GOOD in program.read_text()
    assert [entry.name for entry in cache.iterdir() if entry.is_dir()] == [f"etcd-{ETCD}"]


@pytest.mark.parametrize(
    ("work", "said"),
    [
        pytest.param("echo cannot find package >&2; exit 1", "cannot find package", id="the-build-fails"),
        pytest.param(
            "printf '#!/bin/sh\\necho 1.0\\n' > $out; chmod +x $out", "of no use", id="a-wrong-version"
        ),
        pytest.param("printf garbage > $out; chmod +x $out", "of no use", id="it-does-not-run"),
    ],
)
def test_a_failed_build_leaves_nothing_that_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str, said: str
) -> None:
    a_go(tmp_path, monkeypatch, work)
    cache = tmp_path / "cache"

    with pytest.raises(ToolUnavailable, match=said):
        a_provider(cache).provide(Search(SPEC), 1)

    assert Search(SPEC).find({}, cache) is None


def test_two_processes_build_one_program_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proceed, cache = tmp_path / "proceed", tmp_path / "cache"
    wait = f"until [ -e {proceed} ]; do sleep 0.05; done"
    calls = a_go(tmp_path, monkeypatch, f"{wait}; printf '#!/bin/sh\\necho {GOOD}\\n' > $out; chmod +x $out")
    makers = [threading.Thread(target=lambda: a_provider(cache).provide(Search(SPEC), 1)) for _ in range(2)]
    for maker in makers:
        maker.start()

    lock = cache / f".etcd-{ETCD}.lock"
    assert holds_within(
        lambda: is_waited_for(lock) or calls.read_text().count("build") > 1, timeout_seconds=60
    )
    proceed.touch()
    for maker in makers:
        maker.join()

    assert calls.read_text() == "build\n"


def is_waited_for(lock: Path) -> bool:
    """Say whether the kernel has somebody queued for this lock (a line with an arrow)."""
    inode = f":{lock.stat().st_ino} " if lock.exists() else "none"
    return any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines())


def test_what_cannot_be_had_names_every_reason_and_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = a_program(tmp_path / "old", OLD)
    monkeypatch.setenv("PATH", str(old.parent))
    search = Search(SPEC)
    search.find({"PATH": str(old.parent)}, tmp_path / "cache")

    with pytest.raises(ToolUnavailable) as caught:
        a_provider(tmp_path / "cache").provide(search, 1)

    for words in ("3.4.23", "out of reach", "no go program", "Install Go", SETTING):
        assert words in str(caught.value)


def test_ensured_tools_are_those_of_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = a_program(tmp_path)
    monkeypatch.setenv(SETTING, str(tmp_path))

    assert ensure_tools(["etcd"], Console(file=io.StringIO()))["etcd"] == program


def test_the_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/some/cache")

    assert tools_cache() == Path("/some/cache/computility/tools")


class Releases(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL under which it is served."""
    folder = tmp_path / "releases"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *arguments: Releases(*arguments, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_download_is_unpacked_after_its_checksum_was_compared(
    releases: tuple[Path, str], tmp_path: Path
) -> None:
    folder, url = releases
    publish(folder, a_program(tmp_path / "src").read_bytes())

    Downloader().fetch(Download(f"{url}/etcd.tar.gz", f"{url}/SHA256SUMS", "etcd-v3/etcd"), tmp_path / "etcd")

    assert GOOD in (tmp_path / "etcd").read_text()


def test_a_download_with_a_wrong_checksum_is_thrown_away(releases: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = releases
    publish(folder, b"program")
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  etcd.tar.gz\n")

    with pytest.raises(DownloadFailed, match="checksum"):
        Downloader().fetch(
            Download(f"{url}/etcd.tar.gz", f"{url}/SHA256SUMS", "etcd-v3/etcd"), tmp_path / "etcd"
        )

    assert [entry.name for entry in tmp_path.iterdir()] == ["releases"]


def test_a_host_that_is_out_of_reach_is_tried_once(tmp_path: Path) -> None:
    downloader = Downloader()
    for _ in range(2):
        with pytest.raises(DownloadFailed, match="out of reach"):
            downloader.fetch(NOWHERE, tmp_path / "etcd")

    assert downloader.unreachable == {"127.0.0.1:1"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ABC\n", id="only-the-checksum"),
        pytest.param("123  other\nabc  etcd\n", id="a-list"),
        pytest.param("abc *etcd\n", id="binary-mode"),
    ],
)
def test_a_published_checksum_is_found(text: str) -> None:
    assert find_checksum(text, "etcd") == "abc"


def test_a_list_without_the_file_has_no_checksum_for_it() -> None:
    with pytest.raises(DownloadFailed, match="no checksum of etcd"):
        find_checksum("abc  other\n", "etcd")


def test_another_go_than_ours_is_told_to_fetch_ours() -> None:
    assert go_toolchain("go1.26.3") == "local"
    assert go_toolchain("go1.27.0").startswith("go1.26.")


@pytest.mark.parametrize(
    ("module", "requirement", "version"),
    [
        ("kubernetes", "k8s.io/kubernetes", KUBERNETES),
        ("etcd", "go.etcd.io/etcd/server/v3", ETCD),
        ("helm", "helm.sh/helm/v4", HELM),
    ],
)
def test_the_modules_pin_the_versions_that_the_lab_expects(
    module: str, requirement: str, version: str
) -> None:
    text = (checkout_folder("toolchain") / module / "go.mod").read_text()

    assert re.findall(rf"^require {re.escape(requirement)} v(.+)$", text, re.MULTILINE) == [version]


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_each_program_is_pinned_in_its_module(spec: ToolSpec) -> None:
    assert spec.accepts(tuple(int(part) for part in spec.version.split(".")))
    assert f'"{spec.package}"' in (checkout_folder("toolchain") / spec.module / "tools.go").read_text()


def publish(folder: Path, program: bytes) -> None:
    with tarfile.open(folder / "etcd.tar.gz", "w:gz") as tar:
        entry = tarfile.TarInfo("etcd-v3/etcd")
        entry.size = len(program)
        tar.addfile(entry, io.BytesIO(program))
    digest = hashlib.sha256((folder / "etcd.tar.gz").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  etcd.tar.gz\n")
