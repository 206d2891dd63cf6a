#!/bin/sh
# entries.json of the sample reports is loaded by pymatgen's MontyDecoder, and pymatgen's hull of them is ours.
# Skipped (77) where no python3 has pymatgen.   pymatgen_test.sh WRITE_REPORT_SAMPLES
set -u
python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c "import pymatgen.core" >/dev/null 2>&1; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "SKIPPED: no python3 with pymatgen (Debian: python3-pymatgen)"
  exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$1" "$work" || exit 1
"$python" - "$work" <<'PYTHON'
import json, sys, warnings
warnings.filterwarnings("ignore")
from monty.json import MontyDecoder
from pymatgen.analysis.phase_diagram import PhaseDiagram
from pymatgen.entries.computed_entries import ComputedStructureEntry

compared = 0
for name in ("binary", "ternary", "two_phases"):
    text = open(f"{sys.argv[1]}/{name}.entries.json").read()
    entries = json.loads(text, cls=MontyDecoder)
    assert len(entries) == len(json.loads(text)) > 0
    for entry in entries:
        if isinstance(entry, ComputedStructureEntry):
            assert entry.structure.composition == entry.composition, entry.entry_id
    if name == "two_phases":
        continue  # no entries of its elements
    diagram = PhaseDiagram(entries)
    for entry in entries:
        ours = entry.data.get("e_above_hull")
        if ours is None:
            continue
        theirs = diagram.get_e_above_hull(entry)
        assert abs(ours - theirs) < 1e-8, (entry.entry_id, ours, theirs)
        compared += 1
print(f"{compared} energies above the hull agree with pymatgen's to 1e-8 eV/atom")
PYTHON
