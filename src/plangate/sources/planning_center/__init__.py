"""Planning Center Services, live: `PlanningCenter` is the source."""

from .source import PlanningCenter

__all__ = ["PlanningCenter"]
