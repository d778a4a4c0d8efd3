# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

"""One run of one system: a fresh server, one producer process, one consumer process, every message checked."""

import contextlib
import dataclasses
import json
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import time

from processes import reap, spawn
from systems import STRACE

COMMANDS = ["cold", "latency", "processes", "redrive", "submit", "backlog"]
ROLE_SECONDS = 300
DRAIN_SECONDS = 10  # a slow system's drain is measured over the first messages of the million


@dataclasses.dataclass
class Amounts:
    """How many messages each command takes."""

    size: int
    count: int
    paced: int
    rate: float
    waiting: int
    dead: int
    lone: int = 200
    pipelined: int = 20_000

    def of(self, command, system=None):
        share = system.share if system else 1
        if command == "cold":
            return 1
        if command == "latency":
            return self.paced
        if command == "redrive":
            return int(self.dead * (system.redrive_share if system else 1))
        if command == "backlog":
            return self.waiting
        return max(1000, int(self.count * share))


def per_second(report, since=None):
    return report["messages"] / ((report["last_ns"] - (since or report["first_ns"])) * 1e-9)


class PeerRun:
    """Figures of one system; each method is one command and leaves an empty queue unless it says otherwise."""

    def __init__(self, system, amounts, build, scratch):
        self.system, self.amounts, self.build = system, amounts, build
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{system.name}-", dir=scratch))
        self.servers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def server(self):
        directory = self.directory / f"server-{len(self.servers)}"
        directory.mkdir()
        server = self.system.server(self.system, directory)
        self.servers.append(server)
        return server

    def role(self, server, role, **options):
        command = self.system.client_command(self.build) + [role, server.endpoint, "--size", str(self.amounts.size)]
        if self.system.variant:
            command += ["--variant", self.system.variant]
        for name, value in options.items():
            command += [f"--{name}"] if value is True else [f"--{name}", str(value)]
        return Role(self.system.name, role, command)

    def done(self, server, role, **options):
        with self.role(server, role, **options) as process:
            return process.report()

    def run(self, commands):
        """Yields (command, figures, error) as they come."""
        with contextlib.ExitStack() as stack:
            server = None
            for command in [name for name in COMMANDS if name in commands]:
                try:
                    if command == "backlog" or server is None:
                        if server:
                            server.close()
                        server = self.server()
                        stack.callback(server.close)
                        if command != "cold":
                            self.begin(server, self.system.prepare_variant if command == "backlog" else None)
                    yield command, getattr(self, command)(server), None
                except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                    yield command, {}, str(error)
                    if server:
                        server.close()
                    server = None

    def begin(self, server, variant=None, trace=None):
        server.start(variant or None, trace)
        server.wait()
        self.done(server, "setup")

    def restart(self, server, variant=None):
        server.stop()
        server.start(variant)
        server.wait()

    def cold(self, server):
        """The client is there first and asks until the server answers."""
        with self.role(server, "first") as client:
            client.wait_ready()
            started = time.monotonic_ns()
            server.start()
            report = client.report()
        server.wait()
        return {
            "first_delivered_ms": (report["received_ns"] - started) * 1e-6,
            "first_message_ms": (report["settled_ns"] - started) * 1e-6,  # its acknowledgement included
        }

    def passing(self, server, count, **options):
        with self.role(server, "consume", count=count, **options) as consumer:
            consumer.wait_ready()
            produced = self.done(server, "produce", count=count, **options)
            return produced, consumer.report()

    def latency(self, server):
        _, consumed = self.passing(server, self.amounts.of("latency"), rate=self.amounts.rate)
        return {name: consumed[name] for name in ("delivered_p50_ms", "delivered_p99_ms", "delivered_max_ms")}

    def processes(self, server):
        produced, consumed = self.passing(server, self.amounts.of("processes", self.system))
        return {
            "submit_per_s": per_second(produced),
            "end_to_end_per_s": per_second(consumed, since=produced["first_ns"]),
            "duplicates": consumed["duplicates"],
        }

    def redrive(self, server):
        """What a slow sync would only prolong, the burying and the check, is done with the faster setting."""
        count = self.amounts.of("redrive", self.system)
        faster = self.system.prepare_variant
        if faster:
            self.restart(server, faster)
        self.done(server, "bury", count=count)
        if faster:
            self.restart(server)
        redriven = self.done(server, "redrive", count=count)
        if faster:
            self.restart(server, faster)
        with self.role(server, "consume", count=count) as consumer:
            consumer.report()
        if faster:
            self.restart(server)
        return {"redrive_per_s": per_second(redriven)}

    def submit(self, server):
        """Leaves its messages in the queue."""
        return {"submit_per_s": per_second(self.done(server, "produce", count=self.amounts.of("submit", self.system)))}

    def backlog(self, server):
        """Memory of the server that filled up, then the drain with the setting that is measured."""
        count = self.amounts.of("backlog")
        self.done(server, "produce", count=count)
        figures = {"resident_mib": server.resident()}
        if self.system.prepare_variant:
            self.restart(server)
        with self.role(server, "consume", count=count, seconds=DRAIN_SECONDS) as consumer:
            drained = consumer.report()
        figures["drained"] = drained["messages"]
        figures["drain_per_s"] = per_second(drained, since=drained["start_ns"])
        return figures

    def syncs(self):
        """Counts the server's calls that sync: 200 messages one by one, each after the confirm of the one before, and
        20,000 as fast as they go."""
        server = self.server()
        trace = self.directory / "syncs"
        self.begin(server, trace=trace)
        counts = {}
        for name, count, options in (
            ("lone", self.amounts.lone, {"lone": True}),
            ("pipelined", self.amounts.pipelined, {}),
        ):
            before = count_lines(trace)
            self.done(server, "produce", count=count, **options)
            counts[name] = {"messages": count, "syncs": count_lines(trace) - before}
        server.close()
        return counts


def count_lines(path):
    """An interrupted call is written as two lines."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        return sum(1 for line in lines if " resumed>" not in line and "(" in line)


class Role:
    """A client process."""

    def __init__(self, system, role, command):
        self.name = f"{system} {role}"
        self.process = spawn(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        reap(self.process)
        self.process.stderr.close()

    def wait_ready(self):
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{self.name} does not begin: {self.process.stderr.read()[-400:]}")

    def report(self):
        output, errors = self.process.communicate(timeout=ROLE_SECONDS)
        if self.process.returncode != 0:
            raise RuntimeError(f"{self.name} failed ({self.process.returncode}): {errors[-400:]}{output[-400:]}")
        return json.loads(output.strip().splitlines()[-1])


class MillraceRun:
    """The same commands through millrace-bench, which starts and checks its own processes."""

    def __init__(self, bench, amounts, scratch):
        self.bench, self.amounts, self.scratch = bench, amounts, scratch

    def call(self, command, count, *more):
        line = [str(self.bench), command, "--runs", "1", "--size", str(self.amounts.size), "--count", str(count)]
        line += ["--directory", str(self.scratch)]
        line += more if "--node" in more else ["--node", str(self.bench.parent / "millrace-node"), *more]
        process = spawn(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            output, errors = process.communicate(timeout=ROLE_SECONDS)
        finally:
            reap(process)
            process.stderr.close()
        answer = json.loads(output.strip().splitlines()[-1]) if output.strip() else {}
        if process.returncode != 0 or not answer.get("complete"):
            raise RuntimeError(f"millrace-bench {command} failed: {errors[-400:]}{output[-400:]}")
        return answer

    def run(self, commands):
        for command in [name for name in COMMANDS if name in commands]:
            more = ["--rate", str(self.amounts.rate)] if command == "latency" else []
            try:
                answer = self.call(command, self.amounts.of(command), *more)
                yield command, {name: value["median"] for name, value in answer["figures"].items()}, None
            except (RuntimeError, OSError, ValueError, subprocess.SubprocessError) as error:
                yield command, {}, str(error)

    def syncs(self):
        """As PeerRun.syncs(), but the lone messages come 100 a second to a worker, whose acknowledgements sync too."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as directory:
            node = self.bench.parent / "millrace-node"
            wrapper, counts = pathlib.Path(directory) / "node", {}
            for name, command, count, more in (
                ("lone", "latency", self.amounts.lone, ["--rate", "100"]),
                ("pipelined", "submit", self.amounts.pipelined, []),
            ):
                trace = pathlib.Path(directory) / f"{name}.trace"
                wrapper.write_text(
                    f'#!/bin/sh\nexec {shlex.join(STRACE)} -D -o "{trace}" "{node}" "$@"\n',
                    encoding="utf-8",
                )
                wrapper.chmod(0o755)
                self.call(command, count, "--node", str(wrapper), *more)
                counts[name] = {"messages": count, "syncs": count_lines(trace)}
            return counts
