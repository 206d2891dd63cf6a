"""The enumerated orbits: degeneracies and predicted energies from the archive files units/*.seg, occupations from `hullscan export`.

Shards hold no occupations (docs/formats/shard.md of hullscan): the program generates them again.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import Iterator, Tuple

import h5py
import numpy as np

from .errors import DamagedCampaign, NoResult, ProgramMissing

NO_SITE = 255
"""Fills the rows of `Orbits.occupation` of supercells with fewer varied sites."""

Place = Tuple[int, int]
"""Supercell and composition, by index: a stratum of a space."""

Columns = Tuple[np.ndarray, ...]
"""supercell, composition, index, degeneracy, energy of some orbits; all [n]."""


@dataclass(frozen=True)
class Orbits:
    """n orbits of one space as arrays, in the order of hullscan: by supercell, by composition, by search order."""

    space: str
    space_index: int
    supercell: np.ndarray
    """[n] int64, index as in report.json."""
    composition: np.ndarray
    """[n] int64, index within the supercell."""
    index: np.ndarray
    """[n] int64, number of the orbit in its stratum."""
    degeneracy: np.ndarray
    """[n] uint64, size of the orbit in its supercell."""
    energy_ev_per_atom: np.ndarray
    """[n], predicted formation energy in steps of 1e-6 eV/atom; NaN where no model had been fitted."""
    occupation: np.ndarray | None
    """[n, varied sites] uint8, index into the site's species (docs/formats/orbit-table.md); 255: no such site. None
    unless asked for."""
    complete: bool
    """False: the walk over the space is still under way, and more orbits follow."""

    def __len__(self) -> int:
        return len(self.degeneracy)

    @property
    def keys(self) -> list[str]:
        """[n] "space.supercell.composition.index", as `hullscan export --orbit` and `Campaign.atoms` take them."""
        return [f"{self.space_index}.{s}.{c}.{i}" for s, c, i in zip(self.supercell, self.composition, self.index)]


def atoms_of(formula: str) -> dict[str, int]:
    """{"Li": 1, "Ni": 1, "O": 2} of "LiNiO2". Raises ValueError."""
    parts = re.findall(r"([A-Z][a-z]?)(\d*)", formula)
    if not parts or "".join(symbol + number for symbol, number in parts) != formula:
        raise ValueError(f"{formula!r}: a formula such as LiNiO2 is expected here")
    counts: dict[str, int] = {}
    for symbol, number in parts:
        counts[symbol] = counts.get(symbol, 0) + int(number or 1)
    return counts


def same_composition(asked: str, formula: str) -> bool:
    """A reduced formula means every cell of its composition, any other one exactly these atoms: AlNi, but Al2Ni2."""
    wanted, found = atoms_of(asked), atoms_of(formula) if formula else {}
    if gcd(*wanted.values()) == 1:
        common = gcd(*found.values())
        found = {symbol: count // common for symbol, count in found.items()}
    return wanted == found


def pass_of(database: sqlite3.Connection, space: int, number: int | None) -> tuple[int, bool]:
    """The pass to read and whether it is complete: the asked one, else the last complete one of this space.

    Raises NoResult.
    """
    rows = database.execute(
        "SELECT p.number, p.finished FROM pass p WHERE EXISTS "
        "(SELECT 1 FROM unit u WHERE u.pass = p.number AND u.space = ?) ORDER BY p.finished DESC, p.number DESC",
        (space,),
    ).fetchall()
    for found, finished in rows:
        if number is None or found == number:
            return found, bool(finished)
    raise NoResult("nothing of this space is enumerated yet" if number is None else f"this space has no pass {number}")


def read_shards(
    directory: Path, database: sqlite3.Connection, space: int, walk: int, wanted: set[Place]
) -> list[Columns] | None:
    """Columns (supercell, composition, index, degeneracy, energy) of the strata, piece by piece; None where the
    campaign does not store them (run.keep = "best"). Raises DamagedCampaign."""
    pieces: list[Columns] = []
    gaps: set[Place] = set()
    done_orbits: dict[Place, int] = {}
    archived = any(column[1] == "begin_byte" for column in database.execute("PRAGMA table_info(shard)"))
    begin_byte = "s.begin_byte" if archived else "0"  # older campaigns: each shard a file
    for supercell, composition, done, orbits, file, begin, size in database.execute(
        f"SELECT u.supercell, u.composition, u.done, u.orbits, s.file, {begin_byte}, s.bytes "
        "FROM unit u LEFT JOIN shard s ON s.unit = u.id "
        "WHERE u.pass = ? AND u.space = ? ORDER BY u.supercell, u.composition, u.begin_at",
        (walk, space),
    ):
        place = (supercell, composition)
        if not done:
            gaps.add(place)  # what follows in this stratum has no number yet
        if place not in wanted or place in gaps or orbits == 0:
            continue
        if file is None:
            return None
        degeneracy, energy = _read_shard(directory / file, begin, size, orbits)
        first = done_orbits.get(place, 0)
        done_orbits[place] = first + orbits
        columns = np.full((2, orbits), [[supercell], [composition]], dtype=np.int64)
        pieces.append((*columns, np.arange(first, first + orbits, dtype=np.int64), degeneracy, energy))
    return pieces


def _read_shard(path: Path, begin: int, size: int, orbits: int) -> tuple[np.ndarray, np.ndarray]:
    """A shard: `size` bytes of the file from byte `begin` on."""
    try:
        with open(path, "rb") as archive:
            archive.seek(begin)
            image = archive.read() if begin == 0 else archive.read(size)
        if len(image) != size:
            raise OSError(f"has {len(image)} bytes from byte {begin} on, {size} were written")
        with h5py.File(h5py.h5f.open_file_image(image)) as shard:
            degeneracy = shard["degeneracy"][:].astype(np.uint64)
            energy = shard["energy"][:] * 1e-6 if "energy" in shard else np.full(orbits, np.nan)
    except (OSError, KeyError) as problem:
        raise DamagedCampaign(f"{path}: {problem}: see hullscan verify") from problem
    if len(degeneracy) != orbits or len(energy) != orbits:
        raise DamagedCampaign(f"{path}: {len(degeneracy)} rows, {orbits} were written: see hullscan verify")
    return degeneracy, energy


def program() -> str:
    """The program: the environment variable HULLSCAN, else `hullscan` in PATH. Raises ProgramMissing."""
    found = os.environ.get("HULLSCAN") or shutil.which("hullscan")
    if not found or not shutil.which(found):
        raise ProgramMissing(
            "the program hullscan makes this: put it into PATH, or its path into the environment variable HULLSCAN"
        )
    return found


def exported(directory: Path, *options: str) -> Iterator[str]:
    """The lines that `hullscan export DIR OPTIONS` prints. Raises ProgramMissing."""
    line = [program(), "export", str(directory), *options]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8") as process:
            assert process.stdout
            yield from process.stdout
        errors.seek(0)
        words = errors.read().strip()
    if process.returncode != 0:
        raise ProgramMissing(f"{' '.join(line)}: ended with exit code {process.returncode}: {words}")


def exported_orbits(
    directory: Path, walk: int, space: int, wanted: set[Place] | str
) -> tuple[list[Columns], list[np.ndarray]]:
    """As read_shards, and for each stratum the occupations [n, sites], all from the program.

    `wanted`: strata, or a formula."""
    lines = exported(directory, "--orbits", "--format", "csv", "--pass", str(walk))
    next(lines, None)  # the names of the columns
    pieces: list[Columns] = []
    occupations: list[np.ndarray] = []
    rows: list[tuple[int, int, float, bytes]] = []
    place, taken = (-1, -1), False
    last = None if isinstance(wanted, str) else max(wanted, default=place)

    def end_stratum() -> None:
        if rows:
            index, degeneracy, energy, texts = zip(*rows)
            places = np.full((2, len(rows)), [[place[0]], [place[1]]], dtype=np.int64)
            # Rounded: the same bits as from the shards.
            columns = np.array(index), np.array(degeneracy, np.uint64), np.round(np.array(energy) * 1e6) * 1e-6
            pieces.append((*places, *columns))
            occupations.append(_numbers(texts))
            rows.clear()

    for line in lines:
        key, _, formula, degeneracy, energy, occupation = line.rstrip("\n").split(",")[:6]
        of_space, supercell, composition, index = map(int, key.split("."))
        if of_space > space or (place == last and place != (supercell, composition)):
            break  # the lines are in the order of their keys
        if of_space < space:
            continue
        if place != (supercell, composition):
            end_stratum()
            place = (supercell, composition)
            taken = same_composition(wanted, formula) if isinstance(wanted, str) else place in wanted
        if taken:
            rows.append((index, int(degeneracy), float(energy or "nan"), occupation.encode()))
    end_stratum()
    return pieces, occupations


def _numbers(texts: tuple[bytes, ...]) -> np.ndarray:
    """[n, sites] of n texts of one length, "0112...a": digits, then letters from ten on."""
    codes = np.array(texts, dtype=bytes).view(np.uint8).reshape(len(texts), -1)
    return np.where(codes >= ord("a"), codes - ord("a") + 10, codes - ord("0")).astype(np.uint8)


def joined(pieces: list[Columns]) -> dict[str, np.ndarray]:
    """The columns of all pieces, by their names in Orbits."""
    types = {
        "supercell": np.int64,
        "composition": np.int64,
        "index": np.int64,
        "degeneracy": np.uint64,
        "energy_ev_per_atom": np.float64,
    }
    return {
        name: np.concatenate([np.empty(0, dtype), *(piece[column] for piece in pieces)])
        for column, (name, dtype) in enumerate(types.items())
    }


def padded(occupations: list[np.ndarray]) -> np.ndarray:
    """One array of all, [n, most sites] uint8, with NO_SITE after the end of shorter rows."""
    sites = max((rows.shape[1] for rows in occupations), default=0)
    wide = [np.pad(rows, ((0, 0), (0, sites - rows.shape[1])), constant_values=NO_SITE) for rows in occupations]
    return np.concatenate([np.empty((0, sites), np.uint8), *wide])
