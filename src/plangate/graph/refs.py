"""The kinds by reference, so that modules of kinds that lead to one another need not import one another."""

from typing import TYPE_CHECKING, Annotated

from strawberry import lazy

if TYPE_CHECKING:
    from plangate.graph.action import Action
    from plangate.graph.attachment import Attachment
    from plangate.graph.item import Item
    from plangate.graph.needed_position import NeededPosition
    from plangate.graph.note import Note
    from plangate.graph.person import Person
    from plangate.graph.plan import Plan
    from plangate.graph.plan_time import PlanTime
    from plangate.graph.series import Series
    from plangate.graph.service_type import ServiceType
    from plangate.graph.step import Step
    from plangate.graph.task import Task
    from plangate.graph.team_member import TeamMember

ActionRef = Annotated["Action", lazy("plangate.graph.action")]
AttachmentRef = Annotated["Attachment", lazy("plangate.graph.attachment")]
ItemRef = Annotated["Item", lazy("plangate.graph.item")]
NeededPositionRef = Annotated["NeededPosition", lazy("plangate.graph.needed_position")]
NoteRef = Annotated["Note", lazy("plangate.graph.note")]
PersonRef = Annotated["Person", lazy("plangate.graph.person")]
PlanRef = Annotated["Plan", lazy("plangate.graph.plan")]
PlanTimeRef = Annotated["PlanTime", lazy("plangate.graph.plan_time")]
SeriesRef = Annotated["Series", lazy("plangate.graph.series")]
ServiceTypeRef = Annotated["ServiceType", lazy("plangate.graph.service_type")]
StepRef = Annotated["Step", lazy("plangate.graph.step")]
TaskRef = Annotated["Task", lazy("plangate.graph.task")]
TeamMemberRef = Annotated["TeamMember", lazy("plangate.graph.team_member")]
