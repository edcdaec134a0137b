"""Checks of what is installed: Python, the packages of the lock, dbt's manifest."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from pipelines.doctor.finding import Finding, ok, problem, warning
from pipelines.home.settings import PROJECT_ROOT, Settings

LOCK = PROJECT_ROOT / "requirements.lock"
OLDEST_PYTHON = (3, 11)
_PINNED = re.compile(r"^[A-Za-z0-9][^\\\n]*==[^\\\n]*", re.MULTILINE)
INSTALL = "run `make install` in the checkout"
SHOWN = 3


def python(_settings: Settings) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield problem("python", found, f"install Python {'.'.join(map(str, OLDEST_PYTHON))} or later, then {INSTALL}")
    else:
        yield ok("python", found)


def packages(_settings: Settings) -> Iterator[Finding]:
    """The installed versions are those of requirements.lock."""
    from packaging.requirements import Requirement

    if not LOCK.exists():
        yield warning(
            "packages", f"there is no {LOCK.name}: versions cannot be compared", "restore it from the release"
        )
        return
    lines = _PINNED.findall(LOCK.read_text(encoding="utf-8"))
    required = [Requirement(line) for line in lines]
    pinned = [
        (requirement.name, str(requirement.specifier).removeprefix("=="))
        for requirement in required
        if requirement.marker is None or requirement.marker.evaluate()
    ]
    different = [
        f"{name} {installed or 'missing'} (expected {expected})"
        for name, expected in pinned
        if (installed := _installed(name)) != expected
    ]
    if different:
        more = f" and {len(different) - SHOWN} more" if len(different) > SHOWN else ""
        yield warning("packages", f"{', '.join(different[:SHOWN])}{more}", INSTALL)
    else:
        yield ok("packages", f"{len(pinned)} as in {LOCK.name}")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def dbt_manifest(_settings: Settings) -> Iterator[Finding]:
    """dbt's manifest exists and names the models and seeds of this checkout."""
    from pipelines.transform.dbt import NotPrepared, manifest

    try:
        manifest()
    except NotPrepared as error:
        found, _, remedy = str(error).rpartition(": ")
        yield problem("dbt manifest", found, remedy)
    else:
        yield ok("dbt manifest", "has all models and seeds")
