"""What one run has shown, as it is kept in a file."""

import msgspec


class Latency(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Percentiles in seconds, as seen through a watch and counted from before the job's create."""

    p50: float
    p90: float
    p99: float


class Load(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the load generator saw.

    Attributes:
        jobs: How many it created and saw the end of.
        phases: How many ended in which phase.
        create_seconds: From the first create to the last one's answer.
        total_seconds: From the first create to the last job's end.
        placed: From submit to placed.
        done: From submit to the end.
        watch_gaps: How often the watch had to begin anew; what was seen late then counts as late.
        cpu_seconds: Its own user and system time meanwhile.
    """

    jobs: int
    phases: dict[str, int]
    create_seconds: float
    total_seconds: float
    placed: Latency
    done: Latency
    watch_gaps: int
    cpu_seconds: float

    @property
    def jobs_per_second(self) -> float:
        return self.jobs / self.total_seconds


class Calibration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the same control plane needs for creates of a small ConfigMap: the machine's own measure."""

    creates: int
    server_cpu_seconds: float
    seconds: float


class Noise(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What else the machine did meanwhile: only runs with little of it say anything about wall time."""

    others_cpu_seconds: float
    steal_seconds: float
    load_before: float


class RequestCount(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Requests of one kind with one answer."""

    what: str
    code: int
    count: int

    @property
    def is_refused(self) -> bool:
        return self.code >= 400

    @property
    def is_write(self) -> bool:
        return self.what.split()[0] not in ("GET", "LIST")


class Result(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One run.

    Attributes:
        scenario: The scenario's name.
        label: What is compared, as the command line gave it.
        settings: What the run was started with.
        load: The load generator's view.
        cpu_seconds: User and system time by process.
        peak_rss_bytes: The most memory resident by process, since its start.
        requests: All that the API server answered, watches apart.
        stored_bytes: Size of etcd's database at the end.
        calibration: What a plain create costs here.
        noise: What else went on.
    """

    scenario: str
    label: str
    settings: dict[str, str]
    load: Load
    cpu_seconds: dict[str, float]
    peak_rss_bytes: dict[str, int]
    requests: list[RequestCount]
    stored_bytes: int
    calibration: Calibration
    noise: Noise

    def cpu_per_thousand(self, process: str = "") -> float:
        """Return CPU-seconds per 1,000 jobs of one process, or of all together."""
        used = self.cpu_seconds[process] if process else sum(self.cpu_seconds.values())
        return used * 1000 / self.load.jobs

    def per_job(self, count: float) -> float:
        return count / self.load.jobs

    def writes_per_job(self) -> float:
        """Return the writes that took effect, each object of a bulk delete not counted singly."""
        return self.per_job(sum(r.count for r in self.requests if r.is_write and not r.is_refused))
