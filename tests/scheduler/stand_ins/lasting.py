"""A calculator that stays, for tests: lasting.py FAULT LOG [TIMES]. It does FAULT to the first TIMES structures (default:
to all) and writes a line into LOG for each start and each structure. -1 eV for each atom."""

import json
import os
import sys
import time

fault, log = sys.argv[1:3]
times = int(sys.argv[3]) if len(sys.argv) > 3 else 1000


def note(word):
    with open(log, "a") as file:
        file.write(word + "\n")


def done_before():
    return open(log).read().count("structure\n")


def send(head):
    sys.stdout.write(json.dumps(head) + "\n")
    sys.stdout.flush()


note(f"start {os.getpid()}")
if fault == "ends at once":
    sys.exit("no module named mace")
for line in sys.stdin:
    head = json.loads(line)
    if "hello" in head:
        can = [] if fault == "cannot relax" else ["relax"]
        send({"hello": "hullscan-scorer", "version": 1, "model": "minus one", "can": can})
        continue
    now = fault if done_before() < times else "none"
    note("structure")
    request = head["requests"][0]
    atoms = len(request["structure"]["species"])
    result = {"converged": True, "energy_ev": -1.0 * atoms, "structure": request["structure"],
              "forces_ev_per_angstrom": [[0, 0, 0]] * atoms}  # fmt: skip
    if now == "dies":
        sys.stderr.write("CUDA out of memory\n")
        os._exit(3)
    if now == "hangs":
        time.sleep(1000)
    if now == "answers NaN":
        result["energy_ev"] = float("nan")
    if now == "answers null":
        result["energy_ev"] = None
    if now == "answers too few forces":
        result["forces_ev_per_angstrom"] = result["forces_ev_per_angstrom"][1:]
    if now == "answers other atoms":
        result["structure"] = {**request["structure"], "species": ["H"] * atoms}
    if now == "answers fewer atoms":
        result["structure"] = {key: value if key == "lattice_angstrom" else value[1:]
                               for key, value in request["structure"].items()}  # fmt: skip
    if now == "answers text":
        print("Relaxed in 12 steps.", flush=True)
        continue
    if now == "answers an error":
        send({"error": "no parameters for Xx"})
        continue
    if now == "answers two results":
        send({"done": "relax", "results": [result, result]})
        continue
    if now == "does not converge":
        result = {"converged": False, "kind": "ionic steps not converged", "reason": "500 steps"}
    if now == "ends within an answer":
        sys.stdout.write('{"done": "relax", "resu')
        sys.stdout.flush()
        os._exit(0)
    send({"done": "relax", "results": [result]})
