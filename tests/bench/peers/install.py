# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

"""Installs the peers and builds their clients. Nothing of this is needed to build or test Millrace."""

import os
import pathlib
import shutil
import subprocess

_POLICY = pathlib.Path("/usr/sbin/policy-rc.d")


def _run(command, what, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{what} failed: {done.stdout.strip()[-800:]}")
    return done.stdout


def is_installed(package):
    asked = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.startswith("ii")


def install_packages(root, packages):
    """As packaging/dependencies does it, but no service is started."""
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    script = f'. "{root}/packaging/dependencies"; dependencies=("$@"); install_dependencies'
    forbids = None
    if all(is_installed(name) for name in packages):
        return
    try:
        if not _POLICY.exists():
            forbids = _POLICY
            writes = f"printf '#!/bin/sh\\nexit 101\\n' > {_POLICY} && chmod 755 {_POLICY}"
            _run([*as_root, "sh", "-c", writes], "policy-rc.d")
        _run(["bash", "-c", script, "install", *packages], f"installing {' '.join(packages)}")
    finally:
        if forbids:
            subprocess.run([*as_root, "rm", "-f", str(forbids)], check=False)


def install(root, build, systems):
    """@returns the systems that can run, and why the others cannot"""
    usable, missing = [], {}
    try:
        install_packages(root, ["cmake", "ninja-build", "g++", "strace"])
    except RuntimeError as error:
        return [], {system.name: str(error) for system in systems}
    for system in systems:
        try:
            packages = list(system.packages)
            if system.client == "bullmq":
                needed = (("nodejs", "node"), ("npm", "npm"))
                packages += [name for name, program in needed if not shutil.which(program)]
            install_packages(root, packages)
            usable.append(system)
        except RuntimeError as error:
            missing[system.name] = str(error)
    here = pathlib.Path(__file__).parent
    _run(["cmake", "-S", here, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"], "configuring the clients")
    _run(["ninja", "-C", build], "building the clients")
    if any(system.client == "bullmq" for system in usable):
        try:
            _install_bullmq(here / "bullmq", build / "bullmq")
        except (RuntimeError, OSError) as error:
            missing.update({one.name: str(error) for one in usable if one.client == "bullmq"})
    for system in usable:
        program = pathlib.Path(system.client_command(build)[-1])
        if system.name not in missing and not program.exists():
            missing[system.name] = f"{program.name} was not built"
    return [system for system in usable if system.name not in missing], missing


def _install_bullmq(source, target):
    target.mkdir(parents=True, exist_ok=True)
    wanted = (source / "package.json").read_text(encoding="utf-8")
    about = target / "package.json"
    if not (target / "node_modules").exists() or about.read_text(encoding="utf-8") != wanted:
        about.write_text(wanted, encoding="utf-8")
        _run(["npm", "install", "--no-audit", "--no-fund"], "npm install", cwd=target)
    shutil.copy(source / "driver.mjs", target)
