"""campaign.db, read and never written: docs/formats/campaign-db.md of hullscan describes it.

Every read is one short transaction of a connection of its own, so a run that is at work is not held up.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Iterator

import numpy as np

from .errors import CampaignBusy, DamagedCampaign, NoResult, NotACampaign, UnknownFormat

APPLICATION_ID = 0x68736331
FORMAT = 6
"""The newest format of campaign.db that is read here."""

_STATES = ("", "selected", "prepared", "running", "converged", "retrying", "failed", "abandoned", "continuing")
_STANDINGS = {1: "suspect", 4: "excluded"}  # by the last judgement; after any other a result counts
_DEUTERIUM = 119

SYMBOLS = (
    "X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb "
    "Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg "
    "Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og D"
).split()


@dataclass(frozen=True)
class Crystal:
    """A periodic cell of n atoms; vacancies are not atoms."""

    lattice_angstrom: np.ndarray
    """[3, 3], vectors as rows."""
    symbols: list[str]
    """[n]; "D" is deuterium."""
    fractional: np.ndarray
    """[n, 3]."""

    @property
    def counts(self) -> dict[str, int]:
        """Atoms of each element in the cell."""
        return dict(Counter(self.symbols))

    @staticmethod
    def decode(blob: bytes, where: str) -> "Crystal":
        """From a blob of campaign.db. Raises DamagedCampaign."""
        atoms = int.from_bytes(blob[:4], "little")
        if len(blob) != 76 + 25 * atoms or max(blob[76 : 76 + atoms], default=1) > _DEUTERIUM:
            raise DamagedCampaign(f"campaign.db: {where}: {len(blob)} bytes are no structure: see hullscan verify")
        return Crystal(
            np.frombuffer(blob, "<f8", 9, 4).reshape(3, 3).copy(),
            [SYMBOLS[number] for number in blob[76 : 76 + atoms]],
            np.frombuffer(blob, "<f8", 3 * atoms, 76 + atoms).reshape(atoms, 3).copy(),
        )


@dataclass(frozen=True)
class Calculation:
    """A task: one DFT calculation of one configuration, and its result if it has one."""

    id: str
    """As reports print it: "fcc-53614c77"."""
    key: str
    space: str
    supercell: int
    composition: int
    degeneracy: int
    formula: str
    round: int
    predicted_ev_per_atom: float | None
    """Formation energy as the model predicted it when the task was chosen."""
    state: str
    """"selected", "prepared", "running", "converged", "retrying", "failed", "abandoned" or "continuing"."""
    standing: str
    """"counts", "suspect", "excluded"; "" without a result."""
    why: str
    """What the last judgement of the result said."""
    attempts: int
    directory: str
    """Of the accepted attempt, else of the last, below the campaign's directory; "" before the first."""
    outcome: str
    """Of the last attempt."""
    energy_ev: float | None
    """Total energy of the cell."""
    magnetization: float | None
    """μ_B of the cell."""
    hull_keys: dict[str, str]
    """What must agree on one hull; {} without a result."""
    blobs: dict[str, bytes | None]

    @property
    def counts(self) -> bool:
        """Whether it takes part in the hull."""
        return self.standing == "counts"

    @cached_property
    def start(self) -> Crystal:
        """The cell as it was asked for."""
        return Crystal.decode(self.blobs["start"] or b"", f"start of {self.id}")

    @property
    def has_result(self) -> bool:
        """Whether it ended with one, be it set aside or not."""
        return self.energy_ev is not None

    @cached_property
    def crystal(self) -> Crystal:
        """The cell that was calculated, relaxed if it was a relaxation. Raises NoResult."""
        blob = self.blobs["structure"]
        if blob is None:
            raise NoResult(f"{self.id}: has no result (it is {self.state})")
        return Crystal.decode(blob, f"structure of {self.id}")

    @property
    def forces_ev_per_angstrom(self) -> np.ndarray | None:
        """[n, 3], Cartesian; None where the code did not say."""
        blob = self.blobs["forces"]
        return None if blob is None else _rows_of_three(blob, len(self.crystal.symbols), f"forces of {self.id}")

    @property
    def stress_kbar(self) -> np.ndarray | None:
        """[3, 3]; a compressed cell is positive. None where the code did not say."""
        blob = self.blobs["stress"]
        return None if blob is None else _rows_of_three(blob, 3, f"stress of {self.id}")


def _rows_of_three(blob: bytes, rows: int, where: str) -> np.ndarray:
    if len(blob) != 24 * rows:
        raise DamagedCampaign(f"campaign.db: {where}: {len(blob)} bytes, {24 * rows} are expected: see hullscan verify")
    return np.frombuffer(blob, "<f8").reshape(rows, 3).copy()


def parsed(text: str, where: str) -> Any:
    """Of JSON that the program wrote. Raises DamagedCampaign."""
    try:
        return json.loads(text)
    except ValueError as problem:
        raise DamagedCampaign(f"{where}: {problem}: see hullscan verify") from problem


@contextmanager
def reading(directory: Path) -> Iterator[sqlite3.Connection]:
    """One consistent view of the database, whatever a run writes meanwhile.

    Raises NotACampaign, UnknownFormat, CampaignBusy, DamagedCampaign.
    """
    file = directory / "campaign.db"
    if not directory.is_dir():
        raise NotACampaign(f"{directory}: is not a directory")
    if not file.is_file():
        raise NotACampaign(f"{directory}: holds no campaign.db, so no campaign was begun in it")
    try:
        if why := _why_no_locks(directory):
            with _copied(file, why) as copy, closing(_connected(copy)) as database:
                yield database
            return
        with closing(_connected(file)) as database:
            database.execute("BEGIN")
            yield database
    except sqlite3.OperationalError as problem:
        if "locked" in str(problem) or "busy" in str(problem):
            raise CampaignBusy(f"{file}: is locked by a run that is at work: try again when it has ended") from problem
        raise DamagedCampaign(f"{file}: {problem}: see hullscan verify") from problem
    except sqlite3.DatabaseError as problem:
        raise DamagedCampaign(f"{file}: {problem}: see hullscan verify") from problem


def _why_no_locks(directory: Path) -> str:
    """What the system says where a file system has no record locks; "" where it has. Never asks of the database itself:
    closing any descriptor of a file gives up the locks of this process on it."""
    try:
        with (directory / "campaign.lock").open("rb") as lock:
            fcntl.lockf(lock, fcntl.LOCK_SH | fcntl.LOCK_NB, 1)
    except OSError as refusal:
        if refusal.errno in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL):
            return refusal.strerror
    return ""


def _marks(file: Path) -> list[tuple[int, ...]]:
    """What changes when a run writes: sizes, times, and SQLite's file change counter, bytes 24 to 27."""
    marks = []
    for suffix in ("", "-journal", "-wal"):
        try:
            with open(f"{file}{suffix}", "rb") as part:
                found = os.fstat(part.fileno())
                marks.append((found.st_size, found.st_ino, found.st_mtime_ns, *part.read(28)[24:28]))
        except FileNotFoundError:
            marks.append((0,))
    return marks


@contextmanager
def _copied(file: Path, why: str) -> Iterator[Path]:
    """A copy taken between two changes: on a file system without locks nothing else keeps a reader from half of one."""
    with tempfile.TemporaryDirectory(prefix="hullscan-") as folder:
        copy = Path(folder) / file.name
        for attempt in range(200):
            before = _marks(file)
            if before[1][0] == 0 or attempt >= 20:  # a journal that stays was left by a run that was killed
                for suffix, mark in zip(("", "-journal", "-wal"), before):
                    Path(f"{copy}{suffix}").unlink(missing_ok=True)
                    if mark[0] > 0:
                        try:
                            shutil.copyfile(f"{file}{suffix}", f"{copy}{suffix}")
                        except FileNotFoundError:
                            pass
                if _marks(file) == before:
                    break
            time.sleep(0.02)
        else:
            raise CampaignBusy(f"{file}: is written all the time, and its file system has no locks ({why}): try again later")
        with closing(sqlite3.connect(copy)) as database:  # takes back what a killed run has left half-way
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield copy


def _connected(file: Path) -> sqlite3.Connection:
    uri = file.resolve().as_uri()
    database = sqlite3.connect(uri + "?mode=ro", uri=True, timeout=5.0, isolation_level=None)
    try:
        _check_format(database, file)
    except sqlite3.OperationalError:
        database.close()
        # A write-ahead log needs a file beside the database; where none can be made, nobody writes either.
        log = file.with_name(file.name + "-wal")
        if os.access(file.parent, os.W_OK) or (log.exists() and log.stat().st_size > 0):
            raise
        database = sqlite3.connect(uri + "?immutable=1", uri=True, isolation_level=None)
        _check_format(database, file)
    return database


def _check_format(database: sqlite3.Connection, file: Path) -> None:
    try:
        application = database.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as problem:
        raise NotACampaign(f"{file}: {problem}") from problem
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if application == 0 and database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        raise NotACampaign(f"{file}: no campaign was begun in it")
    if application != APPLICATION_ID:
        raise NotACampaign(f"{file}: is a database, but not of hullscan")
    if version > FORMAT:
        raise UnknownFormat(
            f"{file}: is of format {version}, this package reads {FORMAT} and older: install a newer one"
        )
    if database.execute("SELECT count(*) FROM campaign").fetchone()[0] != 1:
        raise NotACampaign(f"{file}: no campaign was begun in it")


_TASKS = """
SELECT t.id, t.key, t.round, t.space, t.supercell, t.composition, t.degeneracy, t.formula, t.predicted, t.state,
       {outside} AS outside, t.structure AS start, r.energy_ev, r.structure, r.forces, r.stress, r.magnetization, r.hull_keys,
       (SELECT count(*) FROM attempt a WHERE a.task = t.id) AS attempts, a.directory, l.outcome
FROM task t LEFT JOIN result r ON r.task = t.id
LEFT JOIN attempt l ON l.task = t.id AND l.number = (SELECT max(number) FROM attempt WHERE task = t.id)
LEFT JOIN attempt a ON a.task = t.id AND a.number = coalesce(r.attempt, l.number)
ORDER BY t.id"""


def read_calculations(database: sqlite3.Connection, spaces: list[str]) -> list[Calculation]:
    """The tasks that take part in the campaign as its file is now, in the order in which they were chosen.

    `spaces`: names by index.
    """
    database.row_factory = sqlite3.Row
    judged: dict[int, tuple[int, str]] = {}
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version >= 4:
        for task, kind, why in database.execute("SELECT task, kind, why FROM judgement ORDER BY id"):
            judged[task] = (kind, why)
    calculations: list[Calculation] = []
    begins: Counter[str] = Counter()
    for row in database.execute(_TASKS.format(outside="t.outside" if version >= 5 else "0")):
        key = row["key"]
        digits = _digits(key, begins)
        if row["outside"]:
            continue
        if not 0 <= row["space"] < len(spaces) or not 0 < row["state"] < len(_STATES):
            raise DamagedCampaign(
                f"campaign.db: task {key}: space {row['space']}, state {row['state']}: see hullscan verify"
            )
        kind, why = judged.get(row["id"], (0, ""))
        has_result = row["energy_ev"] is not None
        calculations.append(
            Calculation(
                id=f"{spaces[row['space']]}-{key[:digits]}",
                space=spaces[row["space"]],
                degeneracy=row["degeneracy"] % 2**64,
                predicted_ev_per_atom=row["predicted"],
                state=_STATES[row["state"]],
                standing=_STANDINGS.get(kind, "counts") if has_result else "",
                why=why,
                directory=row["directory"] or "",
                outcome=row["outcome"] or "",
                hull_keys=parsed(row["hull_keys"], f"campaign.db: hull keys of {key}") if has_result else {},
                blobs={name: row[name] for name in ("start", "structure", "forces", "stress")},
                **{
                    name: row[name]
                    for name in (
                        "key",
                        "supercell",
                        "composition",
                        "formula",
                        "round",
                        "attempts",
                        "energy_ev",
                        "magnetization",
                    )
                },
            )
        )
    return calculations


def _digits(key: str, begins: Counter[str]) -> int:
    """How many digits of the key tell it from every earlier task: 8, 16 or all. Notes the key in `begins`."""
    known = [length for length in (8, 16) if begins[key[:length]] == 0]
    begins.update((key[:8], key[:16]))
    return known[0] if known else len(key)
