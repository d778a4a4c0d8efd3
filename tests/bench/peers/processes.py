# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

"""Child processes that end with this one, whatever happens."""

import ctypes
import os
import pathlib
import resource
import signal
import subprocess

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None)
_alive = []

# What outlives its parent becomes our child, so that its time is counted as ours.
_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(command, environment=None, **options):
    """A child in a session of its own, so that reap() finds what it has started."""
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        command,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
        preexec_fn=_die_with_parent,
        **options,
    )
    _alive.append(process)
    return process


def reap(process):
    """Kills the child and its whole session."""
    found = members(process)
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()
    for pid in found:
        if pid != process.pid:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass
    if process.stdout:
        process.stdout.close()
    if process in _alive:
        _alive.remove(process)


def reap_all():
    for process in list(_alive):
        reap(process)


def members(process):
    """The processes of the child's session and their descendants: Erlang's helpers begin sessions of their own."""
    parents, found = {}, []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parents[pid] = int(fields[1])
        if int(fields[3]) == process.pid:
            found.append(pid)
    if process.pid not in parents:
        return found
    for pid in parents:
        above = pid
        while above in parents and above not in (0, 1, process.pid):
            above = parents[above]
        if above == process.pid and pid not in found:
            found.append(pid)
    return found


def resident_mib(process):
    total = 0
    for pid in members(process):
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        except OSError:
            continue
        for line in status.splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total / 1024


class OtherLoad:
    """The processors' time since it was made that went neither to children of ours, once they ended, nor to idling."""

    def __init__(self):
        self._busy, self._whole, self._ours = self._times()

    @staticmethod
    def _times():
        # user nice system idle iowait irq softirq steal; the rest is part of the first two
        line = pathlib.Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]
        ticks = [int(value) / os.sysconf("SC_CLK_TCK") for value in line]
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
        ours = sum(usage.ru_utime + usage.ru_stime for usage in usages)
        return sum(ticks) - ticks[3] - ticks[4], sum(ticks), ours

    def share(self):
        before = self._busy, self._whole, self._ours
        busy, whole, ours = (now - then for now, then in zip(self._times(), before))
        return max(0.0, (busy - ours) / whole) if whole > 0 else 0.0
