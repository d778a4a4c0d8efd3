# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

"""The peers: what has to be installed, how each server is started, and the settings that it runs with."""

import dataclasses
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from processes import reap, resident_mib, spawn

START_SECONDS = 90
SYNC_CALLS = "fsync,fdatasync,sync_file_range,msync,syncfs,sync"
STRACE = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none", "-e", f"trace={SYNC_CALLS}"]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@dataclasses.dataclass
class System:
    """One row of the table."""

    name: str
    title: str
    durability: str
    packages: list
    client: str  # peer-<client>, or "bullmq"
    server: type
    settings: dict
    variant: str = ""
    share: float = 1  # of --count: what a slower system does in about the same time
    prepare_variant: str = ""  # fills the store quickly where only the waiting is measured
    redrive_share: float = 1

    def client_command(self, build):
        if self.client == "bullmq":
            return ["node", str(build / "bullmq" / "driver.mjs")]
        return [str(build / f"peer-{self.client}")]

    def version(self, build):
        versions = {}
        for package in self.packages:
            found = subprocess.run(
                ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False
            )
            if found.returncode == 0 and found.stdout:
                versions[package] = found.stdout
        if self.client == "bullmq":
            for module in ("bullmq", "ioredis"):
                about = build / "bullmq" / "node_modules" / module / "package.json"
                versions[module] = json.loads(about.read_text(encoding="utf-8"))["version"]
            asked = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
            versions["node"] = asked.stdout.strip()
        return versions


class Server:
    """A server of a system as a child process, with its data below `directory`."""

    program = ""

    def __init__(self, system, directory):
        if not shutil.which(self.program):
            raise RuntimeError(f"{self.program} is not installed")
        self.system = system
        self.directory = pathlib.Path(directory)
        self.port = free_port()
        self.endpoint = str(self.port)
        self.process = None

    def command(self, variant):
        raise NotImplementedError

    def environment(self):
        return {}

    def start(self, variant=None, trace=None):
        """Starts it; `trace` is a file for the system calls that sync. Does not wait until it listens."""
        command = self.command(self.system.variant if variant is None else variant)
        if trace:
            command = [*STRACE, "-o", str(trace), *command]
        log = self.directory / "server.log"
        with log.open("ab") as output:
            self.process = spawn(command, self.environment(), stdout=output, stderr=output, cwd=self.directory)

    def wait(self):
        """There is nothing to wait on while a server does not listen yet, hence the pause."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                tail = (self.directory / "server.log").read_text(errors="replace")[-500:]
                raise RuntimeError(f"{self.program} ended: {tail}")
            if self.answers():
                return
            time.sleep(0.01)
        raise RuntimeError(f"{self.program} does not listen after {START_SECONDS} s")

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def stop(self):
        """As an operator would, so that the data can be used again."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        finally:
            reap(self.process)

    def close(self):
        if self.process:
            reap(self.process)

    def resident(self):
        return resident_mib(self.process)


class Redis(Server):
    program = "redis-server"

    def __init__(self, system, directory):
        super().__init__(system, directory)
        self.endpoint = str(self.directory / "socket")

    def command(self, variant):
        return [
            "redis-server", "--port", "0", "--unixsocket", self.endpoint, "--dir", str(self.directory), "--save", "",
            "--appendonly", "yes", "--appendfsync", variant, "--auto-aof-rewrite-percentage", "0",
            "--maxmemory-policy", "noeviction",
        ]  # fmt: skip

    def answers(self):
        asked = subprocess.run(["redis-cli", "-s", self.endpoint, "ping"], capture_output=True, text=True, check=False)
        return asked.stdout.strip() == "PONG"


class RabbitMq(Server):
    program = "rabbitmq-server"
    home = pathlib.Path("/usr/lib/rabbitmq/bin")

    def __init__(self, system, directory):
        super().__init__(system, directory)
        self.epmd_port, self.inner_port = free_port(), free_port()
        self.epmd = None
        (self.directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{self.port}\nlog.file.level = warning\n", encoding="utf-8"
        )
        (self.directory / "enabled_plugins").write_text("[].\n", encoding="utf-8")

    def command(self, variant):
        del variant  # of the queue, not of the server
        return [str(self.home / "rabbitmq-server")]

    def environment(self):
        return {
            "HOME": str(self.directory),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "RABBITMQ_NODENAME": "bench@localhost",
            "RABBITMQ_DIST_PORT": str(self.inner_port),
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.directory / "none.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.directory / "log"),
            "RABBITMQ_PID_FILE": str(self.directory / "pid"),
        }

    def start(self, variant=None, trace=None):
        # Erlang would start it as a daemon that outlives us.
        if not self.epmd:
            command = ["epmd", "-address", "127.0.0.1", "-port", str(self.epmd_port)]
            self.epmd = spawn(command, stdout=subprocess.DEVNULL)
        super().start(variant, trace)

    def close(self):
        super().close()
        if self.epmd:
            reap(self.epmd)


class Nats(Server):
    program = "nats-server"

    def command(self, variant):
        return ["nats-server", "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.directory / "store")]


class Beanstalkd(Server):
    program = "beanstalkd"

    def command(self, variant):
        (self.directory / "binlog").mkdir(exist_ok=True)
        return [
            "beanstalkd", "-l", "127.0.0.1", "-p", str(self.port), "-b", str(self.directory / "binlog"), "-f", variant,
        ]  # fmt: skip


_REDIS = {
    "server": "appendonly yes, save \"\", AOF not rewritten meanwhile, Unix socket",
    "producer": "XADD, 1,000 in a MULTI/EXEC, up to 4,000 unconfirmed; paced: one XADD each",
    "consumer": "XREADGROUP COUNT 1000, two under way; XACK and XDEL of each batch",
    "redrive": "a script moves 500 at a time from the dead stream (XRANGE, XADD, XDEL)",
}
_RABBIT = {
    "server": "defaults of the package, no plugins",
    "producer": "persistent, publisher confirms, up to 4,000 unconfirmed",
    "consumer": "prefetch 1,000, basic.ack multiple of 250 or of what came",
    "redrive": "a client moves from the dead-letter queue: publish, confirm, then acknowledge",
}
_BEANSTALK = {
    "producer": "64 puts at once, up to 512 unconfirmed",
    "consumer": "up to 128 reserves and deletes at once",
    "redrive": "kick of buried jobs",
}
_BULLMQ = {
    "server": "Redis: appendonly yes, save \"\", AOF not rewritten meanwhile, Unix socket",
    "producer": "addBulk of 250, four under way; paced: add each",
    "consumer": "Worker, concurrency 200, removeOnComplete",
    "redrive": "retryJobs of failed jobs, 1,000 at a time; 20,000 jobs",
}

SYNCED = "synced before the confirm"
NOT_SYNCED = "not synced before the confirm: a power cut may lose "

SYSTEMS = [
    System("redis-always", "Redis Streams, appendfsync always", SYNCED,
           ["redis-server", "libhiredis-dev"], "redis", Redis, {"appendfsync": "always", **_REDIS}, "always"),
    System("rabbitmq-quorum", "RabbitMQ quorum queue", SYNCED,
           ["rabbitmq-server", "librabbitmq-dev"], "rabbitmq", RabbitMq,
           {"queue": "x-queue-type quorum, one node", **_RABBIT}, "quorum", 0.3),
    System("rabbitmq-classic", "RabbitMQ classic queue, durable", SYNCED,
           ["rabbitmq-server", "librabbitmq-dev"], "rabbitmq", RabbitMq,
           {"queue": "x-queue-type classic, durable", **_RABBIT}, "classic", 0.2),
    System("bullmq-always", "BullMQ, Redis appendfsync always", SYNCED,
           ["redis-server"], "bullmq", Redis, {"appendfsync": "always", **_BULLMQ}, "always", 0.06, "everysec", 0.2),
    System("beanstalkd-f0", "beanstalkd -f 0", SYNCED,
           ["beanstalkd"], "beanstalkd", Beanstalkd, {"server": "-b, -f 0", **_BEANSTALK}, "0", 0.03, "50"),
    System("nats", "NATS JetStream, file, explicit ack", NOT_SYNCED + "two minutes",
           ["nats-server", "libnats-dev"], "nats", Nats,
           {"server": "-js, file storage, synced every 2 min (this version has no setting for it)",
            "stream": "work queue, one replica",
            "producer": "publishes with a reply subject, up to 8,192 unconfirmed",
            "consumer": "push, explicit acknowledgement of each, 20,000 pending",
            "redrive": "a client moves from a dead stream: 4,000 fetched, published, confirmed, then acknowledged"}),
    System("redis-everysec", "Redis Streams, appendfsync everysec", NOT_SYNCED + "a second",
           ["redis-server", "libhiredis-dev"], "redis", Redis, {"appendfsync": "everysec", **_REDIS}, "everysec"),
    System("beanstalkd-f50", "beanstalkd -f 50", NOT_SYNCED + "50 ms",
           ["beanstalkd"], "beanstalkd", Beanstalkd, {"server": "-b, -f 50 (default)", **_BEANSTALK}, "50", 0.3),
    System("bullmq-everysec", "BullMQ, Redis appendfsync everysec", NOT_SYNCED + "a second",
           ["redis-server"], "bullmq", Redis, {"appendfsync": "everysec", **_BULLMQ}, "everysec", 0.06, "", 0.2),
]  # fmt: skip
