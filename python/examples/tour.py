#!/usr/bin/env python3
"""A tour of a campaign directory: docs/python.md shows the same code piece by piece.   tour.py [DIR]"""

import sys

DIRECTORY = sys.argv[1] if len(sys.argv) > 1 else "al-ni-kim.hullscan"

from hullscan import Campaign

campaign = Campaign(DIRECTORY)
print(campaign.name)
print(campaign.spaces()[["name", "space_group", "orbits", "configurations", "total"]])
print(campaign.rounds()[["round", "policy", "results", "space", "labels", "loo_rmse_ev_per_atom"]])

entries = campaign.entries()
above = "energy_above_hull_ev_per_atom"
print(entries.sort_values(above)[["formula", above, "vertex"]].head(8))

for phase in campaign.stable(end_members=False):
    symbol, number = phase.structure.get_space_group_info()
    print(phase.entry_id, phase.composition.reduced_formula, symbol, f"{phase.energy_per_atom:.4f} eV/atom")

diagram = campaign.convex_hull()
for entry in sorted(diagram.unstable_entries, key=diagram.get_e_above_hull):
    mix, above_hull = diagram.get_decomp_and_e_above_hull(entry)
    products = " + ".join(f"{share:.3f} {phase.entry_id}" for phase, share in mix.items())
    print(f"{entry.entry_id}: {1000 * above_hull:.1f} meV/atom above {products}")

atoms = campaign.atoms(phase.entry_id)
print(atoms.get_chemical_formula(), atoms.get_potential_energy(), abs(atoms.get_forces()).max())

orbits = campaign.orbits("fcc", "AlNi3")
lowest = orbits.energy_ev_per_atom.argmin()
print(len(orbits), "orbits,", orbits.degeneracy.sum(), "configurations; lowest predicted:", orbits.keys[lowest])

orbits = campaign.orbits("fcc", "AlNi3", occupations=True)
print(orbits.occupation[lowest])
print(campaign.atoms(orbits.keys[lowest]))
