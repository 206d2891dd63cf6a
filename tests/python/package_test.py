"""The package `hullscan` against the program's own report, pymatgen and ASE."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from contextlib import closing
from pathlib import Path
from unittest import mock

import ase.io
import numpy as np

import hullscan
from campaigns import CAMPAIGNS, PROGRAM, SOURCES, al_ni, skip_without_potentials, without
from campaigns import hullscan as program
from hullscan import Campaign, ledger

TOLERANCE_EV = 1e-9
HALF_OF_THE_LAST = 5.01e-10  # reports give energies and coordinates to nine decimals

folder: Path
directory: Path  # of the Al-Ni campaign, calculated by a potential


def setUpModule() -> None:
    global folder, directory
    kept = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(kept.cleanup)
    folder = Path(kept.name)
    directory = al_ni(folder / "al-ni")


def report_of(where: Path) -> dict:
    return json.loads((where / "report" / "report.json").read_text())


def above_hull(diagram, id: str) -> float:
    """eV/atom, as pymatgen has it."""
    for entry in diagram.all_entries:
        if entry.entry_id == id:
            return diagram.get_e_above_hull(entry)
    raise AssertionError(f"{id} is not in the diagram")


class HullTest(unittest.TestCase):
    def compare(self, where: Path) -> dict:
        """pymatgen's hull of what the package reads is the hull that the program reports."""
        report, diagram = report_of(where), Campaign(where).convex_hull()
        phases = report["entries"] + report["references"]
        compared = 0
        for phase in phases:
            self.assertIn(phase["id"], {entry.entry_id for entry in diagram.all_entries})
            if phase["e_above_hull"] is not None:
                self.assertAlmostEqual(above_hull(diagram, phase["id"]), phase["e_above_hull"], delta=TOLERANCE_EV)
                compared += 1
        self.assertGreater(compared, 5)
        vertices = {entry["id"] for entry in report["entries"] if entry["vertex"]}
        self.assertEqual({entry.entry_id for entry in Campaign(where).stable()}, vertices)
        return report

    def test_the_hull_is_the_programs_to_1e_9_ev(self) -> None:
        report = self.compare(directory)
        diagram = Campaign(directory).convex_hull()
        energies = {entry.entry_id: diagram.get_form_energy_per_atom(entry) for entry in diagram.all_entries}
        for entry in report["entries"]:
            self.assertAlmostEqual(energies[entry["id"]], entry["formation_energy_per_atom"], delta=TOLERANCE_EV)

    def test_competing_phases_of_the_report_are_on_the_hull(self) -> None:
        # Al3Ni 1 eV/atom below its elements, Al2Ni high above: one displaces a stable phase, the other changes nothing.
        rows = "id,formula,energy_per_atom\ndeep,Al3Ni,-4.6325\nhigh,Al2Ni,0\n"
        change = lambda text: text + '\n[report]\nreferences = "phases.csv"\n'
        where = al_ni(folder / "references", change, {"phases.csv": rows})
        report = self.compare(where)
        self.assertEqual([phase["id"] for phase in report["references"]], ["deep", "high"])

        campaign = Campaign(where)
        alone = campaign.convex_hull(references=False)
        self.assertNotIn("deep", {entry.entry_id for entry in alone.all_entries})
        with self.subTest("without its report the competing phases are not known"):
            (where / "report" / "report.json").unlink()
            with self.assertRaisesRegex(hullscan.ReportMissing, "hullscan report"):
                campaign.convex_hull()
            campaign.convex_hull(references=False)

    def test_a_hull_between_compounds_is_the_programs(self) -> None:
        where = al_ni(folder / "compounds", lambda text: text.replace('Al = "0%..100%"', 'Al = "25%..75%"'))
        report = self.compare(where)
        self.assertFalse(report["hull"]["elemental"])
        ends = {entry.entry_id for entry in Campaign(where).stable() if entry.data["end_member"]}
        self.assertEqual(ends, {entry["id"] for entry in report["entries"] if entry["vertex_kind"] == "end member"})

    def test_a_hull_with_phases_outside_of_its_end_members_is_the_programs(self) -> None:
        # Doped and defective B2 cells of Ni, Al and Co: three end members, no elements, phases beyond the triangle.
        skip_without_potentials()
        program("run", CAMPAIGNS / "ni-al-co" / "campaign.toml", "--dir", folder / "ni-al-co")
        self.compare(folder / "ni-al-co")

    def test_stable_phases_have_their_structures_and_energies(self) -> None:
        entries = {entry["id"]: entry for entry in report_of(directory)["entries"]}
        stable = Campaign(directory).stable()
        for phase in stable:
            expected = entries[phase.entry_id]
            self.assertAlmostEqual(phase.energy, expected["energy"], delta=HALF_OF_THE_LAST)
            lattice = expected["structure"]["lattice"]
            self.assertTrue(np.allclose(phase.structure.lattice.matrix, lattice, rtol=0, atol=HALF_OF_THE_LAST))
            self.assertEqual(phase.composition.as_dict(), expected["composition"])
            self.assertEqual(phase.data["end_member"], expected["vertex_kind"] == "end member")
        self.assertEqual(len(Campaign(directory).stable(end_members=False)), len(stable) - 2)  # Al and Ni

    def test_a_result_that_is_set_aside_is_not_on_the_hull(self) -> None:
        where = folder / "set-aside"
        shutil.copytree(directory, where)
        campaign = Campaign(where)
        gone = campaign.stable(end_members=False)[0].entry_id
        program("exclude", where, gone, "--because", "a test")

        self.assertNotIn(gone, {entry.entry_id for entry in campaign.stable()})
        self.assertNotIn(gone, {entry.entry_id for entry in campaign.convex_hull().all_entries})
        self.assertEqual(campaign.tasks().loc[gone, "standing"], "excluded")
        self.assertEqual(campaign.tasks().loc[gone, "why"], "a test")
        with self.assertWarnsRegex(UserWarning, "older than the results: run `hullscan report"):
            entries = campaign.entries()
        self.assertTrue(entries["energy_above_hull_ev_per_atom"].isna().all())

        program("report", where)
        self.compare(where)
        entries = campaign.entries()
        self.assertEqual(set(entries.index[entries["energy_above_hull_ev_per_atom"].isna()]), {gone})

    def test_results_of_different_settings_share_no_hull(self) -> None:
        where = folder / "settings"
        shutil.copytree(directory, where)
        with closing(sqlite3.connect(where / "campaign.db")) as database, database:
            database.execute("UPDATE result SET hull_keys = json_set(hull_keys, '$.model', 'another') WHERE task = 1")
        with self.assertRaisesRegex(hullscan.MixedSettings, "differ in model .*another in fcc-"):
            Campaign(where).convex_hull()


class TablesTest(unittest.TestCase):
    def test_entries_are_those_of_the_report(self) -> None:
        report = report_of(directory)
        entries = Campaign(directory).entries()
        self.assertEqual(set(entries.index), {entry["id"] for entry in report["entries"]})
        for entry in report["entries"]:
            row = entries.loc[entry["id"]]
            for column, member in (
                ("energy_ev", "energy"),
                ("energy_above_hull_ev_per_atom", "e_above_hull"),
                ("formation_energy_ev_per_atom", "formation_energy_per_atom"),
                ("formula", "formula"),
                ("vertex", "vertex"),
                ("round", "round"),
            ):
                where = (entry["id"], column)
                if isinstance(entry[member], float):
                    self.assertAlmostEqual(row[column], entry[member], None, where, HALF_OF_THE_LAST)
                else:
                    self.assertEqual(row[column], entry[member], where)
            self.assertAlmostEqual(row["energy_ev_per_atom"], entry["energy_per_atom"], delta=HALF_OF_THE_LAST)

    def test_tasks_and_rounds_are_those_of_the_program(self) -> None:
        tasks = Campaign(directory).tasks()
        printed = json.loads(program("tasks", directory, "--json"))
        listed = printed["tasks"] if isinstance(printed, dict) else printed
        self.assertEqual([id.rpartition("-")[2] for id in tasks.index], [task["id"] for task in listed])
        self.assertEqual(list(tasks["state"]), [task["state"] for task in listed])

        rounds = Campaign(directory).rounds().dropna(subset=["surrogate"])
        told = {(model["round"], model["surrogate"]): model for model in report_of(directory)["rounds"]}
        self.assertEqual(len(rounds), len(told))
        for _, row in rounds.iterrows():
            model = told[row["round"], f"{row['surrogate']} ({row['space']})"]
            self.assertAlmostEqual(row["loo_rmse_ev_per_atom"], model["loo_rmse"], delta=HALF_OF_THE_LAST)
            self.assertEqual(row["labels"], model["labels"])

    def test_spaces_are_counted_as_the_report_counts_them(self) -> None:
        spaces = Campaign(directory).spaces().set_index("name")
        for space in report_of(directory)["spaces"]:
            row = spaces.loc[space["name"]]
            self.assertEqual(row["orbits"], int(space["enumerated"]))
            self.assertEqual(row["orbits"], row["inequivalent"])  # the books close
            self.assertEqual(row["configurations"], int(space["total"]))
            self.assertTrue(row["complete"])

    def test_without_pandas_tables_are_lists_where_that_is_asked_for(self) -> None:
        with mock.patch.dict(sys.modules, {"pandas": None}):
            with self.assertRaisesRegex(hullscan.MissingPackage, "apt install python3-pandas"):
                Campaign(directory).entries()
            rows = Campaign(directory).entries(plain=True)
        self.assertEqual([row["id"] for row in rows], list(Campaign(directory).entries().index))

    def test_only_numpy_and_h5py_are_needed_to_begin(self) -> None:
        code = "import sys\nfor name in ('pandas', 'ase', 'pymatgen', 'scipy'): sys.modules[name] = None\n"
        code += f"import hullscan\nprint(len(hullscan.Campaign({str(directory)!r}).calculations()))"
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        self.assertEqual(int(said), len(Campaign(directory).calculations()))


class AtomsTest(unittest.TestCase):
    def test_atoms_are_those_of_structures_extxyz(self) -> None:
        frames = ase.io.read(directory / "report" / "structures.extxyz", ":")
        self.assertEqual(len(frames), len(Campaign(directory).calculations()))
        for frame in frames:
            atoms = Campaign(directory).atoms(frame.info["id"])
            self.assertEqual(atoms.get_chemical_symbols(), frame.get_chemical_symbols())
            energies = atoms.get_potential_energy(), frame.get_potential_energy()
            self.assertAlmostEqual(*energies, delta=HALF_OF_THE_LAST)
            self.assertTrue(np.allclose(atoms.cell, frame.cell, rtol=0, atol=HALF_OF_THE_LAST))
            self.assertTrue(np.allclose(atoms.positions, frame.positions, rtol=0, atol=HALF_OF_THE_LAST))

    def test_forces_and_stress_are_the_calculators_own(self) -> None:
        campaign = Campaign(directory)
        for task in campaign.calculations():
            result = json.loads((directory / task.directory / "result.json").read_text())
            atoms = campaign.atoms(task.id)
            self.assertTrue(np.array_equal(atoms.get_forces(), result["forces_ev_per_angstrom"]))
            # 1 GPa = 10 kbar = 1 / 160.21766 eV/Å³, and ASE counts tension positive.
            stress = -np.array(result["stress_kbar"]) / 1602.1766
            self.assertTrue(np.allclose(atoms.get_stress(voigt=False), stress, rtol=1e-6, atol=1e-12))

    def test_the_start_is_the_cell_that_was_asked_for(self) -> None:
        nickel = next(
            task for task in Campaign(directory).calculations() if (task.space, task.formula) == ("fcc", "Ni")
        )
        atoms = Campaign(directory).atoms(nickel.id, start=True)  # in the crystal of fcc.cif, a = 3.85 Å
        self.assertIsNone(atoms.calc)
        self.assertAlmostEqual(atoms.get_volume(), 3.85**3 / 4, delta=1e-9)

    def test_an_id_may_be_shortened_as_far_as_it_is_unambiguous(self) -> None:
        where = folder / "keys"
        where.mkdir()
        shutil.copy(directory / "campaign.db", where)
        keys = ["12345678" + "0" * 24, "12345678" + "9" * 24, "12" + "f" * 30]  # of one space
        with closing(sqlite3.connect(where / "campaign.db")) as database, database:
            ids = [id for (id,) in database.execute("SELECT id FROM task WHERE space = 0 ORDER BY id LIMIT 3")]
            database.executemany("UPDATE task SET key = ? WHERE id = ?", zip(keys, ids))
        campaign = Campaign(where)
        first, second, third = [task for task in campaign.calculations() if task.space == "fcc"][:3]

        # The later of two that share eight digits has sixteen, as the program prints it.
        self.assertEqual((first.id, second.id), ("fcc-12345678", "fcc-1234567899999999"))
        for text in ("fcc-12345678", "12345678", "fcc-123456780", keys[0]):
            self.assertEqual(campaign.calculation(text), first)
        for text in ("fcc-123456789", second.id, keys[1]):
            self.assertEqual(campaign.calculation(text), second)
        self.assertEqual(campaign.calculation("12f"), third)
        with self.assertRaisesRegex(
            hullscan.AmbiguousId, "2 calculations begin like this: fcc-12345678, fcc-12345678999"
        ):
            campaign.calculation("fcc-1234")
        for text in ("fcc-", "", "fcc-zz", "bcc-12345678", "xyz-1"):
            with self.assertRaises(hullscan.UnknownId):
                campaign.calculation(text)

    def test_deuterium_is_heavy_hydrogen_in_ase_and_refused_where_pymatgen_has_no_word_for_it(self) -> None:
        crystal = hullscan.Crystal(np.eye(3) * 4, ["Pd", "D"], np.array([[0, 0, 0], [0.5, 0.5, 0.5]]))
        atoms = hullscan.exchange.ase_atoms(crystal)
        self.assertEqual(atoms.get_chemical_symbols(), ["Pd", "H"])
        self.assertAlmostEqual(atoms.get_masses()[1], 2.014)
        try:
            self.assertEqual(hullscan.exchange.pymatgen_structure(crystal)[1].specie.symbol, "D")
        except hullscan.NotRepresentable as problem:
            self.assertIn("knows no D", str(problem))


class OrbitsTest(unittest.TestCase):
    def test_orbits_of_a_composition_are_as_many_as_the_report_counts(self) -> None:
        campaign = Campaign(directory)
        for space in report_of(directory)["spaces"]:
            expected: dict[str, list[int]] = {}
            for cell in space["supercells"]:
                for stratum in cell["compositions"]:
                    sums = expected.setdefault(stratum["formula"], [0, 0])
                    sums[0] += int(stratum["enumerated"])
                    sums[1] += int(stratum["degeneracy_sum"])
            for formula in ("AlNi3", "Al2Ni2"):
                if formula in expected:
                    orbits = campaign.orbits(space["name"], formula)
                    self.assertEqual([len(orbits), int(orbits.degeneracy.sum())], expected[formula])
            whole = campaign.orbits(space["name"], "AlNi")  # reduced: of all cells
            parts = [counts[0] for formula, counts in expected.items() if formula in ("AlNi", "Al2Ni2")]
            self.assertEqual(len(whole), sum(parts))
            self.assertEqual(len(campaign.orbits(space["name"])), int(space["enumerated"]))

    def test_shards_and_program_say_the_same_of_every_orbit(self) -> None:
        for space in ("fcc", "bcc"):
            read = Campaign(directory).orbits(space)
            made = Campaign(directory).orbits(space, occupations=True)
            self.assertIsNone(read.occupation)
            self.assertEqual(read.keys, made.keys)
            self.assertTrue(np.array_equal(read.degeneracy, made.degeneracy))
            self.assertTrue(np.array_equal(read.energy_ev_per_atom, made.energy_ev_per_atom))
            self.assertFalse(np.isnan(read.energy_ev_per_atom).any())

    def test_occupations_hold_the_atoms_of_the_composition(self) -> None:
        orbits = Campaign(directory).orbits("fcc", "AlNi3", occupations=True)
        self.assertEqual(orbits.occupation.shape, (len(orbits), 4))
        self.assertTrue((orbits.occupation.sum(axis=1) == 3).all())  # 0 is Al, 1 is Ni
        mixed = Campaign(directory).orbits("fcc", "AlNi", occupations=True)
        sites = (mixed.occupation != hullscan.NO_SITE).sum(axis=1)
        self.assertEqual(set(sites), {2, 4})

    def test_the_key_of_an_orbit_gives_its_cell(self) -> None:
        orbits = Campaign(directory).orbits("fcc", "AlNi3")
        for key in orbits.keys:
            atoms = Campaign(directory).atoms(key)
            self.assertEqual(sorted(atoms.get_chemical_symbols()), ["Al", "Ni", "Ni", "Ni"])

    def test_what_is_no_formula_or_no_space_is_refused(self) -> None:
        campaign = Campaign(directory)
        with self.assertRaisesRegex(ValueError, "al_ni.*a formula such as"):
            campaign.orbits("fcc", "al_ni")
        with self.assertRaisesRegex(hullscan.UnknownId, "hcp: no space .* there are: fcc, bcc"):
            campaign.orbits("hcp")
        with self.assertRaisesRegex(hullscan.NoResult, "no pass 99"):
            campaign.orbits("fcc", walk=99)

    def test_a_damaged_shard_is_named(self) -> None:
        where = folder / "damaged"
        shutil.copytree(directory, where)
        (archive,) = (where / "units").glob("*.seg")
        archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
        with self.assertRaisesRegex(hullscan.DamagedCampaign, re.escape(archive.name) + ".*hullscan verify"):
            Campaign(where).orbits("fcc")
            Campaign(where).orbits("bcc")

    def test_one_stratum_is_the_same_alone(self) -> None:
        for occupations in (False, True):
            whole = Campaign(directory).orbits("fcc", occupations=occupations)
            strata = list(dict.fromkeys(zip(whole.supercell.tolist(), whole.composition.tolist())))
            parts = [Campaign(directory).orbits("fcc", stratum, occupations) for stratum in strata[::5]]
            keys = [key for key in whole.keys if tuple(map(int, key.split(".")[1:3])) in strata[::5]]
            self.assertEqual([key for part in parts for key in part.keys], keys)
            self.assertEqual(len(Campaign(directory).orbits("fcc", (99, 0), occupations)), 0)

    def test_without_the_program_occupations_are_refused_in_words(self) -> None:
        with mock.patch.dict("os.environ", {"HULLSCAN": "", "PATH": ""}):
            self.assertGreater(len(Campaign(directory).orbits("fcc")), 0)
            with self.assertRaisesRegex(hullscan.ProgramMissing, "environment variable HULLSCAN"):
                Campaign(directory).orbits("fcc", occupations=True)

    def test_a_campaign_that_stores_the_best_only_has_its_orbits_made_by_the_program(self) -> None:
        stored = Campaign(directory).orbits("fcc")
        where = al_ni(folder / "best", lambda text: text.replace("[run]", '[run]\nkeep = "best"'))
        made = Campaign(where).orbits("fcc")
        self.assertEqual(made.keys, stored.keys)
        self.assertTrue(np.array_equal(made.degeneracy, stored.degeneracy))

    def test_a_space_with_markers_has_its_orbits_by_index_or_with_occupations(self) -> None:
        where = folder / "markers"
        text = (CAMPAIGNS / "kfeo2-ti" / "one-ti.toml").read_text()
        self.assertIn("[[space.marker]]", text)
        program("run", CAMPAIGNS / "kfeo2-ti" / "one-ti.toml", "--dir", where)
        campaign = Campaign(where)
        space = report_of(where)["spaces"][0]
        whole = campaign.orbits(space["name"])
        self.assertEqual([len(whole), int(whole.degeneracy.sum())], [int(space["enumerated"]), int(space["total"])])
        formula = space["supercells"][0]["compositions"][-1]["formula"]
        with self.assertRaisesRegex(hullscan.ReportMissing, "a space with markers"):
            campaign.orbits(space["name"], formula)
        made = campaign.orbits(space["name"], formula, occupations=True)
        expected = [int(c["enumerated"]) for c in space["supercells"][0]["compositions"] if c["formula"] == formula]
        self.assertEqual(len(made), sum(expected))


class LocklessTest(unittest.TestCase):
    """A file system without locks: a copy of the database is read."""

    def test_a_copy_holds_the_same_and_goes_away(self):
        expected = Campaign(directory).convex_hull()
        before = sorted(path.name for path in directory.iterdir())
        with tempfile.TemporaryDirectory() as scratch, mock.patch.object(tempfile, "tempdir", scratch):
            with mock.patch.object(ledger, "_why_no_locks", return_value="Function not implemented"):
                read = Campaign(directory).convex_hull()
            self.assertEqual(list(Path(scratch).iterdir()), [])
        self.assertEqual(
            sorted((entry.entry_id, entry.energy) for entry in read.all_entries),
            sorted((entry.entry_id, entry.energy) for entry in expected.all_entries),
        )
        self.assertEqual(sorted(path.name for path in directory.iterdir()), before)

    def test_one_that_is_written_all_the_time_is_busy(self):
        marks = iter(range(1000))
        with mock.patch.object(ledger, "_why_no_locks", return_value="Function not implemented"):
            with mock.patch.object(ledger, "_marks", side_effect=lambda _: [(next(marks),), (0,), (0,)]):
                with mock.patch.object(ledger.time, "sleep"):
                    with self.assertRaisesRegex(hullscan.CampaignBusy, "no locks"):
                        Campaign(directory).convex_hull()

    def test_where_there_are_locks_none_are_missed(self):
        self.assertEqual(ledger._why_no_locks(directory), "")


class CampaignTest(unittest.TestCase):
    def test_a_campaign_without_calculations_has_orbits_and_no_hull(self) -> None:
        where = al_ni(folder / "counted", without("dft", "select", "surrogate"), potential=False)
        campaign = Campaign(where)
        self.assertEqual(len(campaign.entries()), 0)
        self.assertEqual(len(campaign.tasks()), 0)
        self.assertEqual(len(campaign.orbits("fcc")), 29)
        self.assertTrue(np.isnan(campaign.orbits("fcc").energy_ev_per_atom).all())
        for ask in (campaign.convex_hull, campaign.stable):
            with self.assertRaisesRegex(hullscan.NoResult, "no calculation has a result"):
                ask()

    def test_what_is_no_campaign_is_refused_in_words(self) -> None:
        empty, words, foreign = folder / "empty", folder / "words", folder / "foreign"
        new = folder / "new"
        for place in (empty, words, foreign, new):
            place.mkdir()
        (new / "campaign.db").touch()
        (words / "campaign.db").write_text("no database, but long enough to be looked at by SQLite" * 10)
        with closing(sqlite3.connect(foreign / "campaign.db")) as database, database:
            database.execute("CREATE TABLE anything (at INTEGER)")
        for place, said in (
            (folder / "nowhere", "is not a directory"),
            (empty, "no campaign was begun"),
            (new, "no campaign was begun"),
            (words, "not a database"),
            (foreign, "not of hullscan"),
            (CAMPAIGNS / "al-ni", "no campaign was begun"),
        ):
            with self.assertRaisesRegex(hullscan.NotACampaign, said):
                Campaign(place)

    def test_what_is_damaged_is_named(self) -> None:
        first = Campaign(directory).calculations()[0]
        for column, value, said in (
            ("structure", b"short", f"structure of {first.id}: 5 bytes"),
            ("forces", b"short", f"forces of {first.id}: 5 bytes, 24 are expected"),
            ("hull_keys", "{", f"hull keys of {first.key}"),
        ):
            where = folder / f"damaged-{column}"
            where.mkdir()
            shutil.copy(directory / "campaign.db", where)
            with closing(sqlite3.connect(where / "campaign.db")) as database, database:
                database.execute(f"UPDATE result SET {column} = ? WHERE task = 1", (value,))
            with self.assertRaisesRegex(hullscan.DamagedCampaign, said + ".*hullscan verify"):
                Campaign(where).atoms(first.id)

    def test_the_package_knows_the_format_that_the_program_writes_and_refuses_a_newer_one(self) -> None:
        where = folder / "newer"
        where.mkdir()
        shutil.copy(directory / "campaign.db", where)
        with closing(sqlite3.connect(where / "campaign.db")) as database:
            self.assertEqual(database.execute("PRAGMA user_version").fetchone()[0], ledger.FORMAT)
            database.execute(f"PRAGMA user_version = {ledger.FORMAT + 1}")
        with self.assertRaisesRegex(hullscan.UnknownFormat, f"of format {ledger.FORMAT + 1}, this package reads"):
            Campaign(where)

    def test_a_calculation_outside_of_the_campaign_file_is_not_there(self) -> None:
        where = folder / "outside"
        shutil.copytree(directory, where)
        before = Campaign(where).calculations()
        with closing(sqlite3.connect(where / "campaign.db")) as database, database:
            database.execute("UPDATE task SET outside = 2 WHERE key = ?", (before[0].key,))
        self.assertEqual([c.id for c in Campaign(where).calculations()], [c.id for c in before[1:]])

    def test_databases_of_older_formats_are_read(self) -> None:
        for version in (1, 2, 3, 4):
            where = folder / f"version-{version}"
            where.mkdir()
            shutil.copy(SOURCES / "tests" / "data" / "storage" / f"campaign-v{version}.db", where / "campaign.db")
            with reading_spaces(where):
                tasks = Campaign(where).tasks()
            self.assertEqual(set(tasks["standing"]) - {""}, {"counts"})

    def test_reading_goes_on_while_a_run_writes(self) -> None:
        where = folder / "written"
        shutil.copytree(directory, where)
        with closing(sqlite3.connect(where / "campaign.db", isolation_level=None)) as master:
            before = Campaign(where).tasks()
            master.execute("BEGIN IMMEDIATE")
            master.execute("DELETE FROM result WHERE task = 1")
            self.assertTrue(Campaign(where).tasks().equals(before))  # not committed: not there
            master.execute("ROLLBACK")

    def test_reading_changes_no_byte_of_the_database(self) -> None:
        before = (directory / "campaign.db").read_bytes()
        Campaign(directory).tasks()
        Campaign(directory).orbits("fcc")
        self.assertEqual((directory / "campaign.db").read_bytes(), before)
        with ledger.reading(directory) as database, self.assertRaises(sqlite3.OperationalError):
            database.execute("DELETE FROM task")

    def test_the_version_of_the_package_is_the_programs(self) -> None:
        version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
        self.assertIn(hullscan.__version__, version)


def reading_spaces(where: Path):
    """The golden databases hold a text that is no campaign file: their spaces are named here."""
    names = [f"space{number}" for number in range(1, 10)]
    return mock.patch("hullscan.campaign._space_names", lambda database: names)


class TourTest(unittest.TestCase):
    def test_the_tour_runs(self) -> None:
        tour = SOURCES / "python" / "examples" / "tour.py"
        done = subprocess.run([sys.executable, str(tour), str(directory)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        for entry in report_of(directory)["entries"]:
            if entry["vertex_kind"] == "stable" or not entry["on_hull"]:
                self.assertIn(entry["id"], done.stdout)

    def test_the_page_shows_the_code_of_the_tour(self) -> None:
        page = (SOURCES / "docs" / "python.md").read_text()
        tour = (SOURCES / "python" / "examples" / "tour.py").read_text()
        blocks = re.findall(r"```python\n(.*?)```", page, re.S)
        self.assertGreater(len(blocks), 4)
        for block in blocks:
            self.assertIn(block, tour)


if __name__ == "__main__":
    unittest.main()
