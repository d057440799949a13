"""The systems that Plangate reads, one folder each. This tuple is their table of contents.

A source is made from the settings' section of its name: the section's names are its constructor's arguments.
"""

from plangate.source import Source
from plangate.sources.happyforce import Happyforce
from plangate.sources.oneplan import OnePlan
from plangate.sources.planhat import Planhat
from plangate.sources.planning_center import PlanningCenter
from plangate.sources.scale import Scale
from plangate.sources.store import Store

SOURCES: tuple[type[Source], ...] = (Store, PlanningCenter, Scale, Happyforce, OnePlan, Planhat)

__all__ = ["SOURCES", "Happyforce", "OnePlan", "Planhat", "PlanningCenter", "Scale", "Store"]
