"""`Campaign`: a campaign directory as tables, arrays, and objects of pymatgen and ASE."""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from . import exchange, orbit_archive
from .errors import AmbiguousId, DamagedCampaign, NoResult, ReportMissing, UnknownId, optional
from .ledger import Calculation, parsed, read_calculations, reading

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_HULL_COLUMNS = {  # of entries(): members of report.json
    "formation_energy_ev_per_atom": "formation_energy_per_atom",
    "energy_above_hull_ev_per_atom": "e_above_hull",
    "vertex": "vertex",
    "left_lattice": "left_lattice",
    "space_group_number": "space_group_number",
}
_SAME_ENERGY_EV_PER_ATOM = 1e-8
"""Energies of one composition that differ by less are one: the tolerance of hullscan's own on_hull."""


class Campaign:
    """A campaign directory, read only: it may be used while a run is at work, and every call says what is there then.

    Tables are pandas DataFrames; with `plain=True` they are lists of dicts, for which pandas is not needed. Results come from
    campaign.db. Competing phases, formulas of compositions and the hull columns of `entries()` come from
    report/report.json, which `hullscan report DIR` writes.
    """

    def __init__(self, directory: str | Path) -> None:
        """Raises NotACampaign, UnknownFormat, CampaignBusy, DamagedCampaign."""
        self.directory = Path(directory)
        self._report: tuple[tuple[int, int], dict[str, Any]] | None = None
        with reading(self.directory) as database:
            self.name, self.hullscan_version = database.execute("SELECT name, hullscan FROM campaign").fetchone()

    def __repr__(self) -> str:
        return f"Campaign({str(self.directory)!r})  # {self.name}"

    # What the campaign file says

    def campaign_file(self) -> dict[str, Any]:
        """The campaign file as it ran, by its keys (docs/campaign-file.md of hullscan)."""
        with reading(self.directory) as database:
            return _campaign_file(database)

    def spaces(self, plain: bool = False) -> Any:
        """One row a space: name, structure; of its last pass: pass, complete, units, units_done, orbits, configurations
        (sum of degeneracies); from the report: space_group, total, inequivalent, books (None where there is no report).
        """
        with reading(self.directory) as database:
            specs = _campaign_file(database)["space"]
            names = _space_names(database)
            walks = [self._walk(database, index) for index in range(len(names))]
        try:
            told = {space["name"]: space for space in self.report()["spaces"]}
        except ReportMissing:
            told = {}
        rows = []
        for name, spec, walk in zip(names, specs, walks):
            space = told.get(name, {})
            exact = {key: int(space[key]) if space.get(key) else None for key in ("total", "inequivalent")}
            symmetry = {key: space.get(key) for key in ("space_group", "space_group_number", "books")}
            rows.append({"name": name, "structure": spec["structure"], **walk, **symmetry, **exact})
        return _table(rows, plain)

    @staticmethod
    def _walk(database: sqlite3.Connection, space: int) -> dict[str, Any]:
        try:
            number, complete = orbit_archive.pass_of(database, space, None)
        except NoResult:
            number, complete = None, False
        units, done, rows, labelled = database.execute(
            "SELECT count(*), coalesce(sum(done), 0), coalesce(sum(orbits), 0), group_concat(labelled) "
            "FROM unit WHERE pass = ? AND space = ?",
            (number, space),
        ).fetchone()
        configurations = sum(int(count) % 2**64 for count in (labelled or "0").split(","))
        return {
            "pass": number, "complete": complete, "units": units, "units_done": done,
            "orbits": rows, "configurations": configurations,
        }  # fmt: skip

    # Calculations

    def calculations(self) -> list[Calculation]:
        """Every calculation with cells, forces and settings, in the order in which they were chosen."""
        with reading(self.directory) as database:
            return read_calculations(database, _space_names(database))

    def tasks(self, plain: bool = False) -> Any:
        """One row a calculation, whatever became of it: id, space, supercell, composition (indices), formula, degeneracy,
        round, predicted_ev_per_atom, state, standing, why, attempts, outcome, directory, key."""
        columns = (
            "id space supercell composition formula degeneracy round predicted_ev_per_atom state standing why attempts"
        )
        names = [*columns.split(), "outcome", "directory", "key"]
        return _table(
            [{name: getattr(task, name) for name in names} for task in self.calculations()], plain, index="id"
        )

    def entries(self, plain: bool = False) -> Any:
        """One row a result: id, space, formula, atoms, degeneracy, energy_ev (of the cell), energy_ev_per_atom,
        volume_angstrom3_per_atom, round, predicted_ev_per_atom, standing, and of those that count
        formation_energy_ev_per_atom, energy_above_hull_ev_per_atom, vertex, left_lattice, space_group_number.

        The latter are the report's; where it is missing or older than the results they are None, with a warning.
        """
        results = [task for task in self.calculations() if task.has_result]
        told: dict[str, dict[str, Any]] = {}
        try:
            told = {entry["id"]: entry for entry in self._present_report(results)["entries"]}
        except ReportMissing as problem:
            warnings.warn(f"{problem}; until then entries() has no energies above the hull", stacklevel=2)
        rows = []
        for task in results:
            atoms, energy = len(task.crystal.symbols), task.energy_ev or 0.0
            volume = abs(float(np.linalg.det(task.crystal.lattice_angstrom)))
            row = {name: getattr(task, name) for name in ("id", "space", "formula", "degeneracy", "energy_ev")}
            row.update(atoms=atoms, energy_ev_per_atom=energy / atoms, volume_angstrom3_per_atom=volume / atoms)
            row.update({name: getattr(task, name) for name in ("round", "predicted_ev_per_atom", "standing")})
            row.update({column: told.get(task.id, {}).get(member) for column, member in _HULL_COLUMNS.items()})
            rows.append(row)
        return _table(rows, plain, index="id")

    def calculation(self, id: str) -> Calculation:
        """By its id as reports print it ("fcc-53614c77"), or the beginning of its digits, with the space or without.

        Raises UnknownId, AmbiguousId.
        """
        space, _, digits = id.rpartition("-")
        tasks = [task for task in self.calculations() if not space or task.space == space]
        found = [task for task in tasks if digits and task.key.startswith(digits)]
        # An id as printed means its own task, though a later key may begin with the same digits.
        found = [task for task in found if task.id.endswith(f"-{digits}")] or found
        if not found:
            raise UnknownId(f"{id}: no calculation of {self.directory} has this id")
        if len(found) > 1:
            some = ", ".join(task.id for task in found[:4]) + (", ..." if len(found) > 4 else "")
            raise AmbiguousId(f"{id}: {len(found)} calculations begin like this: {some}")
        return found[0]

    def atoms(self, id: str, start: bool = False) -> Any:
        """ASE's Atoms of a calculation as it ended, with energy, forces, stress and magnetic moment as far as the code said
        them; `start`: the cell as it was asked for, without them. The key of an orbit ("0.2.1.7") gives its cell, made by the
        program hullscan. `info` holds id, space, formula and degeneracy.

        Raises UnknownId, AmbiguousId, NoResult, MissingPackage.
        """
        if id.count(".") == 3 and id.replace(".", "").isdigit():
            return self._orbit_atoms(id)
        task = self.calculation(id)
        atoms = exchange.ase_atoms(task.start) if start else exchange.ase_result(task)
        atoms.info.update({name: getattr(task, name) for name in ("id", "space", "formula", "degeneracy")})
        return atoms

    def _orbit_atoms(self, key: str) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "orbit.extxyz"
            list(orbit_archive.exported(self.directory, "--orbit", key, "--format", "extxyz", "--out", str(file)))
            return optional("ase.io", "ase").read(file)

    def structure(self, id: str, start: bool = False) -> Any:
        """pymatgen's Structure, as `atoms`."""
        task = self.calculation(id)
        return exchange.pymatgen_structure(task.start if start else task.crystal)

    def rounds(self, plain: bool = False) -> Any:
        """One row a round and model that was fitted in it: round, policy, finished, calculations, results; of the model: space,
        surrogate, labels, features, rmse_ev_per_atom, loo_rmse_ev_per_atom (leave-one-out; None where a round fitted none).
        """
        with reading(self.directory) as database:
            stored = database.execute("SELECT number, policy, finished, fit FROM round ORDER BY number").fetchall()
            tasks = read_calculations(database, _space_names(database))
        chosen = Counter(task.round for task in tasks)
        ended = Counter(task.round for task in tasks if task.standing)
        rows = []
        for number, policy, finished, fit in stored:
            shared = {"round": number, "policy": policy, "finished": bool(finished)}
            shared.update(calculations=chosen[number], results=ended[number])
            for model in (parsed(fit, f"campaign.db: fit of round {number}") if fit else None) or [{}]:
                row = {**shared, "space": model.get("space"), "surrogate": model.get("kind")}
                row.update({name: model.get(name) for name in ("labels", "features")})
                for name in ("rmse", "loo_rmse"):
                    mev = model.get(f"{name}_mev_per_atom")
                    row[f"{name}_ev_per_atom"] = None if mev is None else 1e-3 * mev
                rows.append(row)
        return _table(rows, plain)

    # The hull

    def convex_hull(self, references: bool = True) -> Any:
        """pymatgen's PhaseDiagram of the results that count and, with `references`, of the competing phases that the
        report has on its hull: ComputedStructureEntry and ComputedEntry.

        An element without an entry has a stand-in ("stand-in Li") so high that it takes part in no decomposition:
        energies above the hull and decompositions are right, formation energies against it mean nothing.

        Raises NoResult, ReportMissing, MixedSettings, MissingPackage, NotRepresentable.
        """
        diagrams = optional("pymatgen.analysis.phase_diagram", "pymatgen")
        entries = [exchange.pymatgen_entry(task) for task in self._counting()]
        if references and self.campaign_file().get("report", {}).get("references"):
            shared = [phase for phase in self.report()["references"] if phase["e_above_hull"] is not None]
            entries += [exchange.pymatgen_reference(phase) for phase in shared]
        return diagrams.PhaseDiagram(entries + exchange.pymatgen_stand_ins(entries))

    def stable(self, references: bool = True, end_members: bool = True) -> list[Any]:
        """The results that are corners of the hull, the lowest of each composition, by formula: pymatgen's
        ComputedStructureEntry with `structure`, `energy` (eV of the cell), `energy_per_atom` and `entry_id`; `data` holds
        "end_member". The end members are on the hull by construction; `end_members=False` leaves them out.

        Raises as convex_hull.
        """
        results = self._counting()
        corners = self.convex_hull(references).stable_entries
        lowest = {entry.composition.reduced_formula: entry.energy_per_atom for entry in corners}
        ends = self._end_members(results, corners)
        found: dict[str, Any] = {}
        entries = [exchange.pymatgen_entry(task) for task in results]
        for entry in sorted(entries, key=lambda entry: (entry.energy_per_atom, entry.entry_id)):
            formula = entry.composition.reduced_formula
            entry.data["end_member"] = formula in ends
            above_ev = entry.energy_per_atom - lowest.get(formula, -np.inf)
            if above_ev <= _SAME_ENERGY_EV_PER_ATOM and (end_members or formula not in ends):
                found.setdefault(formula, entry)
        return [found[formula] for formula in sorted(found)]

    def _end_members(self, results: list[Calculation], corners: Any) -> set[str]:
        """Reduced formulas: of the elements where all have an entry, else of the report's end members."""
        if not any(exchange.is_stand_in(entry) for entry in corners):
            return {entry.composition.reduced_formula for entry in corners if entry.composition.is_element}
        composition = optional("pymatgen.core", "pymatgen").Composition
        hull = self._present_report(results)["hull"] or {"end_members": []}
        return {composition(member["formula"]).reduced_formula for member in hull["end_members"]}

    def _counting(self) -> list[Calculation]:
        results = [task for task in self.calculations() if task.counts]
        if not results:
            raise NoResult(f"{self.directory}: no calculation has a result that counts (yet), so there is no hull")
        exchange.require_same_settings(results)
        return results

    # Orbits

    def orbits(
        self,
        space: str,
        composition: str | tuple[int, int] | None = None,
        occupations: bool = False,
        walk: int | None = None,
    ) -> orbit_archive.Orbits:
        """The enumerated orbits of a space as numpy arrays.

        `composition`: a formula, reduced for all cells of the composition ("AlNi") or of one size of cell ("Al2Ni2"), or
        (supercell, composition) by index, or None for all. `occupations`: also the occupant of every varied site; the program
        `hullscan` (environment variable HULLSCAN, or PATH) generates them, all else is read from units/. `walk`: the pass;
        the last complete one of the space if None.

        Raises UnknownId, NoResult, ReportMissing (for a formula), ProgramMissing, DamagedCampaign; ValueError for
        what is no formula.
        """
        if isinstance(composition, str):
            orbit_archive.atoms_of(composition)
        with reading(self.directory) as database:
            specs = _campaign_file(database)["space"]
            names = _space_names(database)
            if space not in names:
                raise UnknownId(f"{space}: no space of {self.directory} has this name; there are: {', '.join(names)}")
            index = names.index(space)
            number, complete = orbit_archive.pass_of(database, index, walk)
            strata = database.execute(
                "SELECT DISTINCT supercell, composition FROM unit WHERE pass = ? AND space = ?", (number, index)
            ).fetchall()
            wanted: set[orbit_archive.Place] | str
            if not isinstance(composition, str):
                wanted = {place for place in strata if composition in (None, place)}
            else:  # the program says formulas itself
                wanted = composition if occupations else self._strata_of(composition, index, strata, specs[index])
            pieces = None
            if not isinstance(wanted, str) and not occupations:
                pieces = orbit_archive.read_shards(self.directory, database, index, number, wanted)
        made: list[np.ndarray] = []
        if pieces is None:
            pieces, made = orbit_archive.exported_orbits(self.directory, number, index, wanted)
        rows = orbit_archive.padded(made) if occupations else None
        columns = orbit_archive.joined(pieces)
        return orbit_archive.Orbits(space, index, **columns, occupation=rows, complete=complete)

    def _strata_of(self, formula: str, space: int, strata: list, spec: dict[str, Any]) -> set[orbit_archive.Place]:
        if "marker" in spec:
            raise ReportMissing(
                "the report does not say which strata of a space with markers have this formula: "
                "ask with occupations=True, or for (supercell, composition)"
            )
        cells = self.report()["spaces"][space]["supercells"]
        try:
            formulas = {place: cells[place[0]]["compositions"][place[1]]["formula"] for place in strata}
        except IndexError:
            raise ReportMissing(self._report_is("written for other spaces")) from None
        return {place for place, found in formulas.items() if orbit_archive.same_composition(formula, found)}

    # The report

    def report(self) -> dict[str, Any]:
        """report/report.json (docs/formats/report.md of hullscan) as it was written last. Raises ReportMissing."""
        file = self.directory / "report" / "report.json"
        try:
            stamp = (file.stat().st_mtime_ns, file.stat().st_size)
            if self._report is None or self._report[0] != stamp:
                self._report = (stamp, json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise ReportMissing(self._report_is("not there")) from None
        except ValueError as problem:
            raise DamagedCampaign(f"{file}: {problem}: hullscan report writes it anew") from problem
        report = self._report[1]
        with reading(self.directory) as database:
            identity = database.execute("SELECT identity FROM campaign").fetchone()[0]
        if report["campaign"]["hash"] != identity:
            raise ReportMissing(self._report_is("of another campaign file"))
        return report

    def _present_report(self, results: list[Calculation]) -> dict[str, Any]:
        """The report, if it is of precisely these results. Raises ReportMissing."""
        report = self.report()
        told = {entry["id"]: entry["energy"] for entry in report["entries"]}
        known = {task.id: task.energy_ev for task in results if task.counts}
        # The report gives energies to nine decimals; reports of before gave every digit.
        if told.keys() != known.keys() or any(abs(told[id] - known[id]) > 6e-10 for id in told):
            raise ReportMissing(self._report_is("older than the results"))
        return report

    def _report_is(self, what: str) -> str:
        return f"{self.directory / 'report' / 'report.json'}: is {what}: run `hullscan report {self.directory}`"


def _campaign_file(database: sqlite3.Connection) -> dict[str, Any]:
    with closing(database.execute("SELECT text FROM campaign")) as rows:
        text = rows.fetchone()[0]
    try:
        return tomllib.loads(text)
    except ValueError as problem:
        raise DamagedCampaign(f"campaign.db: the campaign file: {problem}: see hullscan verify") from problem


def _space_names(database: sqlite3.Connection) -> list[str]:
    """By index, as in every table of the database."""
    specs = _campaign_file(database).get("space", [])
    return [spec.get("name", f"space{number}") for number, spec in enumerate(specs, 1)]


def _table(rows: list[dict[str, Any]], plain: bool, index: str | None = None) -> Any:
    if plain:
        return rows
    frame = optional("pandas", "pandas").DataFrame(rows)
    return frame.set_index(index) if index and rows else frame
