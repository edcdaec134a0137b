"""The revision of the code that trained a model, for its card."""

from __future__ import annotations

import subprocess

from pipelines.home.settings import PROJECT_ROOT


def code_revision() -> str:
    """Return the commit of the checkout, with `+` if files differ from it; `unknown` outside a checkout."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    process = subprocess.run(["git", *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    return process.stdout.strip()
