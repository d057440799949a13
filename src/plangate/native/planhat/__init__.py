"""Planhat's own attributes, model by model, named as Planhat names them (in snake case) and typed as its samples are.

Sources: the samples in the seed document [S], and the property tables of https://www.planhat.com/developers/api [V] for
what no sample shows. Neither says what may be null: all may. What a customer calls company is a *customer* of the
tenant. What Planhat sends beyond that, or in another type, is kept as it came in `other`.
"""

from .company import Company, Score, Shareable, Team
from .contact import Conversation, EndUser, Issue
from .model import CompanyReference, EndUserReference, Entry, Model, Part, UserReference
from .revenue import Asset, Churn, Currency, Invoice, License, LineItem, Sale
from .work import ChecklistItem, Child, CustomField, Project, Task, User, WorkflowStep

__all__ = [
    "Asset", "ChecklistItem", "Child", "Churn", "Company", "CompanyReference", "Conversation", "Currency",
    "CustomField", "EndUser", "EndUserReference", "Entry", "Invoice", "Issue", "License", "LineItem", "Model", "Part",
    "Project", "Sale", "Score", "Shareable", "Task", "Team", "User", "UserReference", "WorkflowStep",
]  # fmt: skip
