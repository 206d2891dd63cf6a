"""What can be wrong, as exceptions. Each message says where, what, and how to go on."""

from __future__ import annotations

import importlib
from types import ModuleType


class HullscanError(Exception):
    """The base of all exceptions of this package."""


class NotACampaign(HullscanError):
    """The directory is not there, or holds no campaign of hullscan."""


class UnknownFormat(HullscanError):
    """campaign.db is of a newer format than this package reads."""


class CampaignBusy(HullscanError):
    """campaign.db is locked, as it is on a network file system while a run is at work."""


class DamagedCampaign(HullscanError):
    """A file of the directory does not hold what it should."""


class UnknownId(HullscanError, KeyError):
    """Nothing has this id, or no space has this name."""

    __str__ = Exception.__str__  # KeyError shows the message in quotes


class AmbiguousId(UnknownId):
    """Several calculations begin like this."""


class NoResult(HullscanError):
    """There is no result (yet) where one was asked for."""


class ReportMissing(HullscanError):
    """report/report.json is not there, or was written before the present results."""


class MixedSettings(HullscanError):
    """Results whose settings differ cannot share a hull."""


class NotRepresentable(HullscanError):
    """The other package has no word for what the campaign holds."""


class ProgramMissing(HullscanError):
    """What was asked for is made by the program `hullscan`, which was not found or failed."""


class MissingPackage(HullscanError, ImportError):
    """An optional package is not installed."""


def optional(module: str, package: str) -> ModuleType:
    """The module, e.g. `optional("pymatgen.core", "pymatgen")`. Raises MissingPackage."""
    try:
        return importlib.import_module(module)
    except ImportError as problem:
        raise MissingPackage(
            f"{package} is needed for this and cannot be imported ({problem}): "
            f"apt install python3-{package} (Debian), or pip install {package}"
        ) from problem
