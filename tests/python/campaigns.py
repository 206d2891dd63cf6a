"""Campaigns that end in seconds: an interatomic potential calculates, or nothing does."""

from __future__ import annotations

import os
import shutil
import subprocess
import unittest
from pathlib import Path

PROGRAM = os.environ["HULLSCAN"]
SOURCES = Path(os.environ["HULLSCAN_SOURCES"])
CAMPAIGNS = SOURCES / "deploy" / "campaigns"
_MODELS = Path("/usr/lib/x86_64-linux-gnu/kim-api/portable-models")


def hullscan(*words: object) -> str:
    """What the program prints. Raises AssertionError with its messages."""
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise AssertionError(f"hullscan {' '.join(map(str, words))}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def skip_without_potentials() -> None:
    if not _MODELS.exists():
        raise unittest.SkipTest("the Debian package openkim-models is not installed")


def al_ni(folder: Path, change=lambda text: text, files: dict[str, str] | None = None, potential: bool = True) -> Path:
    """Runs deploy/campaigns/al-ni-kim, its file changed by `change`. Returns the directory of the campaign.

    `files`: more files beside the campaign file. Skips the test where the potential is not installed.
    """
    if potential:
        skip_without_potentials()
    shutil.copytree(CAMPAIGNS / "al-ni-kim", folder)
    for name, text in (files or {}).items():
        (folder / name).write_text(text)
    file = folder / "campaign.toml"
    file.write_text(change(file.read_text()))
    hullscan("run", file, "--dir", folder / "dir")
    return folder / "dir"


def without(*tables: str):
    """A change that leaves out tables such as "dft", up to the next one."""

    def change(text: str) -> str:
        kept, out = [], False
        for line in text.splitlines():
            if line.startswith("["):
                out = line.strip("[]") in tables
            if not out:
                kept.append(line)
        return "\n".join(kept) + "\n"

    return change
