"""The 202 labels and their splits: python3 make_labels.py LOW.extxyz FOLDER

LOW.extxyz is what `hullscan enumerate low-doping.toml` writes. Of each phase and dopant all configurations with 0, 1 and
2 dopants are taken, and 33 with 3: 18 to learn from and 15 to test, which makes the published 142 and 60. Which ones the
published 33 were is not known: they are drawn here. Written are
    train.extxyz, test.extxyz, all.extxyz    142, 60, 202 structures, relaxed, with energies of energy_model.py
    groups.json     12 validation groups, each drawn 4 times, of 32 of the 142: 8 of each phase and dopant, with as many
                    of 0, 1, 2 and 3 dopants as published
    test.json       one split: learn from the 142, test the 60
"""

import json
import pathlib
import sys

import numpy as np

from energy_model import Cell

SEED = 202
OF_THREE = (18, 15)  #: configurations with 3 dopants to learn from, and to test
#: of each phase and dopant, with 0, 1, 2, 3 dopants: "Validation table" of the notebook beside the published data
#: (github.com/AIRI-Institute/doped_CsPbI3_energetics, data processing.ipynb)
GROUPS = [(1, 0, 7, 0), (1, 0, 0, 7), (1, 0, 4, 3), (0, 1, 7, 0), (0, 1, 0, 7), (0, 1, 3, 4),
          (1, 1, 6, 0), (1, 1, 0, 6), (1, 1, 3, 3), (0, 0, 8, 0), (0, 0, 0, 8), (0, 0, 4, 4)]  # fmt: skip
REPEATS = 4


def frames(file):
    """(space, species, lattice, positions in Å) of extended XYZ as hullscan writes it."""
    lines = iter(pathlib.Path(file).read_text().splitlines())
    for count in lines:
        comment = next(lines)
        lattice = np.array(comment.split('Lattice="')[1].split('"')[0].split(), dtype=float).reshape(3, 3)
        space = comment.split("space=")[1].split()[0]
        rows = [next(lines).split() for _ in range(int(count))]
        yield space, [row[0] for row in rows], lattice, np.array([row[1:4] for row in rows], dtype=float)


def labelled(name, species, lattice, places, seed):
    """One frame with its energy and relaxed positions."""
    cell = Cell(lattice, species, places @ np.linalg.inv(lattice))
    energy, _ = cell.energy()
    relaxed = cell.relaxed_positions(seed) @ lattice
    numbers = " ".join(f"{value:.8f}" for value in lattice.ravel())
    head = f'{len(species)}\nLattice="{numbers}" Properties=species:S:1:pos:R:3 id={name} energy={energy:.8f} pbc="T T T"\n'
    rows = (f"{symbol} {x:.6f} {y:.6f} {z:.6f}\n" for symbol, (x, y, z) in zip(species, relaxed))
    return head + "".join(rows)


def drawn(train, group, draw):
    """Names of one validation group: of each phase and dopant group[n] with n dopants."""
    names = []
    for space in sorted({one[0] for one in train}):
        for dopants, wanted in enumerate(group):
            found = [one[2] for one in train if one[:2] == (space, dopants)]
            names += [found[i] for i in draw.permutation(len(found))[:wanted]]
    return names


def main(low, folder):
    draw = np.random.default_rng(SEED)
    by_level = {}  # (space, dopants): the frames
    for space, species, lattice, places in frames(low):
        by_level.setdefault((space, sum(symbol in ("Cd", "Zn") for symbol in species)), []).append((species, lattice, places))
    train, test = [], []  # (space, dopants, name, text)
    for (space, dopants), found in sorted(by_level.items()):
        chosen = range(len(found)) if dopants < 3 else draw.permutation(len(found))[:sum(OF_THREE)]
        for place, number in enumerate(chosen):
            name = f"{space}-{dopants}-{number}"
            text = labelled(name, *found[number], seed=[SEED, len(train), len(test)])
            (train if dopants < 3 or place < OF_THREE[0] else test).append((space, dopants, name, text))
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for file, some in (("train", train), ("test", test), ("all", train + test)):
        (folder / f"{file}.extxyz").write_text("".join(one[3] for one in some))
    folds = [drawn(train, group, draw) for _ in range(REPEATS) for group in GROUPS]
    names = [f"group {number:02}" for number in range(len(GROUPS))] * REPEATS
    learn = [one[2] for one in train]
    (folder / "groups.json").write_text(json.dumps({"folds": folds, "names": names, "learn": learn}))
    (folder / "test.json").write_text(json.dumps({"folds": [[one[2] for one in test]], "learn": learn}))
    print(f"{len(train)} labels to learn from, {len(test)} to test, {len(GROUPS)} validation groups x {REPEATS}")


if __name__ == "__main__":
    main(*sys.argv[1:])
