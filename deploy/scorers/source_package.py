"""Where the scorers of this folder find hullscan.scorer when they are started by hand: the package that is installed,
else python/ of the same source tree or installation."""

import importlib.util
import pathlib
import sys


def use_source_package():
    if importlib.util.find_spec("hullscan") is not None:
        return
    for folder in pathlib.Path(__file__).resolve().parents[1:3]:
        if (folder / "python" / "hullscan").is_dir():
            sys.path.append(str(folder / "python"))
