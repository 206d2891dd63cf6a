"""The example of docs/formats/exchange.md, word by word, as the calculator of a campaign."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from unittest import mock

from campaigns import CAMPAIGNS, SOURCES, hullscan

CAMPAIGN = """
name = "exchange"
[[space]]
name = "fcc"
structure = "fcc.vasp"
volume = [1, 2]
[[space.sublattice]]
sites = "Cu"
species = { Cu = "rest", Au = "0%..100%" }
[[surrogate]]
kind = "cluster-expansion"
pairs = 6.0
[select]
initial = 3
rounds = 0
"""
# ASE's own effective medium potential, which takes no file: the example's takes one.
POTENTIAL = """
from ase.calculators.emt import EMT

class Calculator(EMT):
    def __init__(self, file):
        assert open(file).read() == "weights"
        super().__init__()
"""


class ExchangeExampleTest(unittest.TestCase):
    def test_the_example_calculates_a_campaign_with_the_ase_that_is_installed(self) -> None:
        page = (SOURCES / "docs" / "formats" / "exchange.md").read_text()
        script = re.search(r"^    #!/usr/bin/env python3\n(?:    .*\n|\n)+", page, re.M).group()
        settings = re.search(r"^    \[dft\]\n(?:    .*\n)+", page, re.M).group()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "relax.py").write_text(textwrap.dedent(script))
            (folder / "relax.py").chmod(0o755)
            (folder / "some_potential.py").write_text(POTENTIAL)
            (folder / "model.pt").write_text("weights")
            (folder / "campaign.toml").write_text(CAMPAIGN + textwrap.dedent(settings))
            (folder / "python3").symlink_to(sys.executable)
            shutil.copy(CAMPAIGNS / "cu-ag-au" / "fcc.vasp", folder)
            environment = {"PYTHONPATH": name, "PATH": f"{name}:{os.environ['PATH']}"}
            with mock.patch.dict(os.environ, environment):
                hullscan("run", folder / "campaign.toml", "--dir", folder / "dir")
            report = json.loads((folder / "dir" / "report" / "report.json").read_text())

        self.assertEqual(report["failures"], [])
        lattices = {
            entry["formula"]: (4 * abs(_volume(entry["structure"]["lattice"]))) ** (1 / 3)
            for entry in report["entries"]
        }
        # The potential is fitted to the measured lattice constants, 3.615 and 4.078 Å (CRC Handbook), and meets them to 1 %.
        self.assertAlmostEqual(lattices["Cu"], 3.615, delta=0.036)
        self.assertAlmostEqual(lattices["Au"], 4.078, delta=0.041)


def _volume(rows: list[list[float]]) -> float:
    a, b, c = rows
    return sum(a[i] * (b[i - 2] * c[i - 1] - b[i - 1] * c[i - 2]) for i in range(3))


if __name__ == "__main__":
    unittest.main()
