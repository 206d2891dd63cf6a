"""Reads campaign directories of hullscan.

    from hullscan import Campaign
    campaign = Campaign("al-ni.hullscan")
    campaign.entries()            # pandas
    campaign.stable()             # pymatgen
    campaign.atoms("fcc-53614c77")  # ASE
    campaign.orbits("fcc", "AlNi")  # numpy

Nothing here writes into a directory or computes what hullscan computes. docs/python.md of hullscan has a tour.
"""

from .campaign import Campaign
from .errors import (
    AmbiguousId,
    CampaignBusy,
    DamagedCampaign,
    HullscanError,
    MissingPackage,
    MixedSettings,
    NoResult,
    NotACampaign,
    NotRepresentable,
    ProgramMissing,
    ReportMissing,
    UnknownFormat,
    UnknownId,
)
from .ledger import Calculation, Crystal
from .orbit_archive import NO_SITE, Orbits

__version__ = "0.1.0"

__all__ = [
    "AmbiguousId", "Calculation", "Campaign", "CampaignBusy", "Crystal", "DamagedCampaign", "HullscanError", "MissingPackage",
    "MixedSettings", "NO_SITE", "NoResult", "NotACampaign", "NotRepresentable", "Orbits", "ProgramMissing", "ReportMissing",
    "UnknownFormat", "UnknownId",
]  # fmt: skip
