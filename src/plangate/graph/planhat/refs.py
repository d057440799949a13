"""Planhat's types by reference, so that modules that lead to one another need not import one another."""

from typing import TYPE_CHECKING, Annotated

from strawberry import lazy

if TYPE_CHECKING:
    from plangate.graph.planhat.company import PlanhatCompany
    from plangate.graph.planhat.contact import PlanhatConversation, PlanhatEndUser, PlanhatIssue
    from plangate.graph.planhat.revenue import (
        PlanhatAsset,
        PlanhatChurn,
        PlanhatInvoice,
        PlanhatLicense,
        PlanhatSale,
    )
    from plangate.graph.planhat.work import PlanhatCustomField

AssetRef = Annotated["PlanhatAsset", lazy("plangate.graph.planhat.revenue")]
ChurnRef = Annotated["PlanhatChurn", lazy("plangate.graph.planhat.revenue")]
CompanyRef = Annotated["PlanhatCompany", lazy("plangate.graph.planhat.company")]
ConversationRef = Annotated["PlanhatConversation", lazy("plangate.graph.planhat.contact")]
CustomFieldRef = Annotated["PlanhatCustomField", lazy("plangate.graph.planhat.work")]
EndUserRef = Annotated["PlanhatEndUser", lazy("plangate.graph.planhat.contact")]
InvoiceRef = Annotated["PlanhatInvoice", lazy("plangate.graph.planhat.revenue")]
IssueRef = Annotated["PlanhatIssue", lazy("plangate.graph.planhat.contact")]
LicenseRef = Annotated["PlanhatLicense", lazy("plangate.graph.planhat.revenue")]
SaleRef = Annotated["PlanhatSale", lazy("plangate.graph.planhat.revenue")]
