"""Planhat's own types: every attribute of its samples, and the edges that only it has."""

from .company import PlanhatCompany
from .work import PlanhatProject, PlanhatTask, PlanhatUser, PlanhatWorkflowStep

__all__ = ["PlanhatCompany", "PlanhatProject", "PlanhatTask", "PlanhatUser", "PlanhatWorkflowStep"]
