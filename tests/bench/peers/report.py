# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

"""What the runs gave: one line of JSON for each system and command, and the table."""

import contextlib
import os
import pathlib
import platform
import statistics

from processes import OtherLoad

# command, figure, heading, how it is written
COLUMNS = [
    ("submit", "submit_per_s", "submit /s", "rate"),
    ("processes", "end_to_end_per_s", "end to end /s", "rate"),
    ("latency", "delivered_p50_ms", "p50 ms", "ms"),
    ("latency", "delivered_p99_ms", "p99 ms", "ms"),
    ("backlog", "resident_mib", "memory MiB", "whole"),
    ("backlog", "drain_per_s", "drain /s", "rate"),
    ("redrive", "redrive_per_s", "redrive /s", "rate"),
    ("cold", "first_delivered_ms", "first message ms", "whole"),
]


def machine():
    def first(path, key):
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            if line.startswith(key):
                return line.split(":", 1)[-1].split("=", 1)[-1].strip().strip('"')
        return ""

    return {
        "processor": first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_mib": int(first("/proc/meminfo", "MemTotal").split()[0]) // 1024,
        "kernel": platform.release(),
        "system": first("/etc/os-release", "PRETTY_NAME"),
    }


class Results:
    """All values, by system, command and figure."""

    def __init__(self, amounts):
        self.amounts = amounts
        self.values, self.errors, self.about, self.syncs = {}, {}, {}, {}
        self.busy = {}  # by system, for each run: the part of the processors' time that others took

    def introduce(self, name, **about):
        self.about[name] = about

    def add(self, name, command, figures, error):
        if error:
            self.errors.setdefault((name, command), []).append(error)
        for figure, value in figures.items():
            self.values.setdefault((name, command), {}).setdefault(figure, []).append(value)

    @contextlib.contextmanager
    def others(self, name):
        load = OtherLoad()
        yield
        self.busy.setdefault(name, []).append(round(load.share(), 3))

    def median(self, name, command, figure):
        values = self.values.get((name, command), {}).get(figure)
        return statistics.median(values) if values else None

    def line(self, name, command):
        figures = self.values.get((name, command), {})
        about = self.about[name]
        line = {
            "system": name,
            "command": command,
            "durability": about["durability"],
            "size": self.amounts.size,
            "count": self.amounts.of(command, about["system"]),
            "runs": max((len(values) for values in figures.values()), default=0),
            "settings": about["settings"],
            "version": about["version"],
            "figures": {},
            "complete": (name, command) not in self.errors,
        }
        for figure, values in figures.items():
            entry = {"min": min(values), "median": statistics.median(values), "max": max(values), "values": values}
            ours = self.median("millrace", command, figure)
            if ours and name != "millrace":
                entry["ratio_to_millrace"] = entry["median"] / ours
            line["figures"][figure] = {key: rounded(value) for key, value in entry.items()}
        if not line["complete"]:
            line["errors"] = self.errors[(name, command)]
        return line

    def lines(self, commands):
        return [self.line(name, command) for name in self.about for command in commands]

    def table(self, commands):
        columns = [column for column in COLUMNS if column[0] in commands]
        head = ["system", "syncs for a lone message / a message in a stream", *(column[2] for column in columns)]
        rows = [head, ["---"] * len(head)]
        for name, about in self.about.items():
            row = [about["title"], self.synced(name)]
            for command, figure, _, style in columns:
                value = self.median(name, command, figure)
                ours = self.median("millrace", command, figure)
                row.append("–" if value is None else written(value, style))
                if value is not None and ours and name != "millrace":
                    row[-1] += f" ({value / ours:.2g}×)"
            rows.append(row)
        return "".join("| " + " | ".join(row) + " |\n" for row in rows)

    def synced(self, name):
        counts = self.syncs.get(name)
        if not counts:
            return "–"
        lone, pipelined = (counts[kind]["syncs"] / counts[kind]["messages"] for kind in ("lone", "pipelined"))
        return f"{lone:.2g} / {pipelined:.2g}"


def rounded(value):
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 4 if abs(value) < 100 else 1)


def written(value, style):
    if style == "ms":
        return f"{value:.2f}"
    if style == "rate":
        step = 1000 if value >= 100_000 else 100
        return f"{round(value / step) * step:,}"
    return f"{value:,.0f}"
