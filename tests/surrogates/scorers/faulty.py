"""A scorer for tests that does one thing wrong: faulty.py FAULT [FILE]. With FILE it does so once only: the file says
that it has."""

import json
import os
import struct
import sys
import time

fault = sys.argv[1]
if len(sys.argv) > 2:
    if os.path.exists(sys.argv[2]):
        fault = "none"
    else:
        open(sys.argv[2], "w").close()


def send(head, data=b""):
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + data)
    sys.stdout.buffer.flush()


if fault == "ends at once":
    sys.exit("no module named mace")
for line in sys.stdin.buffer:
    head = json.loads(line)
    sys.stdin.buffer.read(head.get("bytes", 0))
    if "hello" in head:
        if fault == "greets wrongly":
            print("Welcome to my network!", flush=True)
        version = 2 if fault == "speaks another version" else 1
        send({"hello": "hullscan-scorer", "version": version, "model": "faulty", "can": ["energies"]})
    elif head.get("do") == "score":
        energies = [0.5] * head["count"]
        if fault == "dies":
            sys.stderr.write("CUDA out of memory\n")
            os._exit(3)
        if fault == "hangs":
            time.sleep(1000)
        if fault == "answers NaN":
            energies[-1] = float("nan")
        if fault == "answers too few":
            energies.pop()
        if fault == "answers text":
            print("0.5 0.5", flush=True)
            continue
        if fault == "answers an error":
            send({"error": "weights are of another species"})
            continue
        if fault == "answers half":
            send({"done": "score", "bytes": 8 * len(energies)}, b"1234")
            sys.exit()
        if fault == "answers nonsense energies":
            energies[0] = 1e30
        send({"done": "score", "bytes": 8 * len(energies)}, struct.pack(f"<{len(energies)}d", *energies))
