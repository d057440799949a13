"""The portfolios, projects and parts of them that the emulator serves; deterministic, some dozens of plans."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from . import stage_gate
from .account import Account, Object
from .values import EMPTY, AccessLevel, guid, instant
from .words import PARTS, PEOPLE, PORTFOLIOS, PROJECTS, REGIONS, REMARKS, STATUSES, TASKS

CONFIG = guid("config")
FIELDS = ("Start Date", "Finish", "Budget #", "status", "Region", "Executive Summary")


def build(now: datetime, scale: int) -> Account:
    """Everything follows from `now` and `scale`, which multiplies the number of portfolios."""
    return _Builder(now).build(scale)


class _Builder:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.random = Random(2)  # noqa: S311 (data that looks real)
        self.account = Account()
        self.people = [guid("resource", name) for name in PEOPLE]

    def build(self, scale: int) -> Account:
        self.account.fields = [{"Id": guid("field", name), "Name": name, "InternalName": name} for name in FIELDS]
        for number, (id, name) in enumerate(zip(self.people, PEOPLE, strict=True)):
            self.account.resources[id] = self._resource(id, name, number)
        for number in range(len(PORTFOLIOS) * scale):
            self._portfolio(number)
        self._plan("old", "Meter reading vans", archived=True)
        self._plan("template", "Standard closing checklist", fragment=True)
        return self.account

    def _portfolio(self, number: int) -> None:
        name = PORTFOLIOS[number % len(PORTFOLIOS)]
        portfolio = self._plan(f"portfolio {number}", name, folder=True)
        for k in range(4):
            title = PROJECTS[(number * 4 + k) % len(PROJECTS)]
            project = self._plan(f"project {number}.{k}", title, portfolio=portfolio["id"], order=k + 1)
            for part in PARTS[: 1 + (number + k) % len(PARTS)]:
                below = self._plan(f"part {number}.{k} {part}", f"{title}: {part}", parent=project["id"])
                project["SubPlans"].append(below["id"])
            self._work(project["id"])
            stage_gate.pass_through(self.account, project, self.people, self.now, self.random)

    def _plan(
        self,
        name: str,
        title: str,
        *,
        parent: str = EMPTY,
        portfolio: str | None = None,
        order: int = 0,
        folder: bool = False,
        archived: bool = False,
        fragment: bool = False,
    ) -> Object:
        random, id = self.random, guid("plan", name)
        created = self.now - timedelta(days=random.randint(30, 700), minutes=random.randint(0, 1000))
        modified = self.now - timedelta(hours=random.randint(1, 600))
        comments = [] if folder else [self.comment(name, n) for n in range(random.randint(0, 4))]
        plan: Object = {
            "Name": title,
            "Archived": archived,
            "Author": random.choice(self.people),
            "Created": instant(created, random.randint(0, 9_999_999)),
            "Modified": instant(modified, random.randint(0, 9_999_999)),
            "Editor": random.choice(self.people),
            "PlannerTypeId": guid("type", "Portfolio" if folder else "Project"),
            "ParentPlanId": parent,
            "PortfolioParentId": portfolio,
            "PortfolioOrder": order,
            "UserList": [{"upn": random.choice(self.people), "Level": AccessLevel.Planner, "Inherited": False}, {}],
            "InheritUserList": [],
            "TeamList": [{}] if folder else [],
            "InheritTeamList": [],
            "Fields": self._fields(created),
            "SummaryFields": {"Total Budget #": 125_000.5, "Open risks": random.randint(0, 9)} if folder else {},
            "Folder": folder,
            "Fragment": fragment,
            "FragmentInfo": self._fragment(title) if fragment else None,
            "Hidden": False,
            "Comments": comments,
            "LastComment": comments[-1]["PostDate"] if comments else None,
            "Integrations": [self._integration(name, modified)] if random.random() < 0.4 else [],
            "Snapshots": [self._snapshot(name, created, n) for n in range(random.randint(0, 3))],
            "SubPlans": [],
            "PlanNumber": f"HV-{len(self.account.plans) + 101}",
            "RateTables": [self._rate_table(name, created)] if portfolio else [],
            "Splits": [self._split(region) for region in REGIONS] if portfolio else [],
            "LockInfo": self._lock(modified) if random.random() < 0.15 else None,
            "LastLocation": random.choice(("schedule", "financials", None)),
            "StageGateFlow": None,
            "id": id,
            "ConfigId": CONFIG,
        }
        self.account.plans[id] = plan
        return plan

    def _fields(self, created: datetime) -> Object:
        starts = created.replace(hour=9, minute=0, second=0) + timedelta(days=14)
        return {
            "Start Date": instant(starts),
            "Finish": instant(starts + timedelta(days=self.random.randint(60, 400))),
            "Budget #": round(self.random.uniform(20_000, 900_000), 2),
            "status": self.random.choice(STATUSES),
            "Region": guid("choice", self.random.choice(REGIONS)),
            "Executive Summary": f"<p>{self.random.choice(REMARKS)}</p>",
            "Approved": self.random.choice((True, False, None)),
        }

    def comment(self, about: str, number: int) -> Object:
        posted = self.now - timedelta(days=90 - 7 * number, seconds=self.random.randint(0, 9000))
        return {
            "Id": guid("comment", about, number),
            "UPN": self.random.choice(self.people),
            "PostDate": instant(posted, self.random.randint(0, 9_999_999)),
            "Comment": REMARKS[(number + len(about)) % len(REMARKS)],
            "CC": self.random.sample(self.people, number % 3),
            "Users": self.random.sample(self.people, 1),
        }

    def _fragment(self, title: str) -> Object:
        return {"Name": title, "Description": "", "Category": "Closing", "WorkTypes": "Task", "Personal": False}

    def _integration(self, name: str, when: datetime) -> Object:
        return {
            "IntegrationId": guid("integration", "jira"),
            "ItemUrl": f"https://harbourvale.example/browse/{len(name)}",
            "ItemId": str(len(name)),
            "TransactionId": guid("transaction", name),
            "LastExport": instant(when),
            "LastImport": instant(when, 1_145_769),
            "IntegrationVersion": 7,
            "Properties": {"board id": 12, "sync#": {"on": True, "fields": ["summary"]}},
        }

    def _snapshot(self, name: str, created: datetime, number: int) -> Object:
        taken = created + timedelta(days=30 * (number + 1))
        return {"Date": instant(taken), "StatusReportId": guid("report", name, number), "Fields": {"Budget #": 1.5}}

    def _rate_table(self, name: str, created: datetime) -> Object:
        year = {"Start": instant(created), "End": instant(created + timedelta(days=365))}
        return {
            "Id": guid("rates", name),
            "Name": "Standard rates",
            "Multipliers": [{**year, "PercentRevenue": 102.5, "PercentCost": 101.0}],
            "ResourceRates": [{"ResourceId": id, "BaseRate": 85.0 + n} for n, id in enumerate(self.people[:3])],
        }

    def _split(self, region: str) -> Object:
        return {"Field": "Region", "Value": guid("choice", region), "Split": 33.4, "Values": {"FY 2026": 12.5}}

    def _lock(self, when: datetime) -> Object:
        by = self.random.choice(self.people)
        return {"LockedSid": guid("session", by), "LockedBy": by, "LockedDate": instant(when)}

    def _work(self, plan: str) -> None:
        tasks: list[Any] = []
        for n, title in enumerate(TASKS[: self.random.randint(4, len(TASKS))]):
            parent = tasks[0]["id"] if n in (1, 2) else EMPTY
            tasks.append(self._task(plan, n, title, parent))
        self.account.tasks[plan] = tasks

    def _task(self, plan: str, n: int, title: str, parent: str) -> Object:
        starts = self.now + timedelta(days=7 * n - 30)
        who = self.random.choice(self.people)
        return {
            "WorkPlanId": plan,
            "Name": title,
            "WorkTypeId": guid("work type", "Task"),
            "ParentId": parent,
            "WorkTypeParentId": EMPTY,
            "WorkTypeIndex": n,
            "Index": n,
            "Complete": n < 3,
            "StartDate": instant(starts),
            "DueDate": instant(starts + timedelta(days=5)) if n % 4 else None,
            "IsScheduled": True,
            "TaskScheduleType": 0,
            "AssignedTo": [who] if n % 3 else [],
            "Assignments": [{"Id": guid("assignment", plan, n), "Type": 0, "ResourceId": who, "Units": 50.0}],
            "Fields": {"Effort #": 3.5 * n},
            "Comments": [self.comment(f"task {plan}", n)] if n == 1 else [],
            "LastComment": None,
            "StatusUpdate": {"State": 0, "Complete": True} if n == 3 else None,
            "Integration": None,
            "Created": instant(starts - timedelta(days=40)),
            "Modified": instant(starts),
            "Author": "Ingrid Solberg",
            "Editor": "Ingrid Solberg",
            "id": guid("task", plan, n),
            "ConfigId": CONFIG,
        }

    def _resource(self, id: str, name: str, number: int) -> Object:
        address = f"{name.lower().replace(' ', '.').replace(chr(39), '')}@harbourvale.example"
        return {
            "userid": guid("user", name),
            "Office365Id": guid("office", name),
            "ProfilePicture": None,
            "Generic": False,
            "Inactive": number == 11,
            "CanLogin": True,
            "UserOnly": False,
            "GlobalPermissions": 4,
            "OnePlanSecurityGroup": guid("security group", "Planners"),
            "LastLogin": instant(self.now - timedelta(hours=number + 1)),
            "Fields": {"Name": name, "Email": address, "Cost Centre #": f"CC {number:03}"},
            "TimeZone": "GMT Standard Time",
            "ExternalId": None,
            "Delegates": [self.people[number - 1]],
            "Notifications": {},
            "id": id,
            "ConfigId": CONFIG,
        }
