"""A made-up tenant: a software house's customers and all that hangs on them. The same every time."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

Document = dict[str, Any]
Models = dict[str, dict[str, Document]]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

USERS = [
    ("Alex", "Moreau"),
    ("Niklas", "Berg"),
    ("Sarah", "Okafor"),
    ("Diego", "Santos"),
    ("Priya", "Raman"),
    ("Tom", "Fischer"),
]
NAMES = [
    "Tenet Logistics",
    "Älvdalen Trä",
    "Grand Hotels",
    "United Oil & Gas, Singapore",
    "Sweco Nord",
    "Brightwater Health",
    "Kestrel Avionics",
    "Old Mill Bakeries",
    "Polder Foods",
    "Quarry Lane Schools",
    "Harbour & Pine",
    "Lumen Retail",
    "Nordlys Energi",
    "Corvid Media",
    "Foxglove Pharma",
    "Ember Insurance",
    "Tallgrass Bank",
    "Vela Mobility",
    "Saltire Telecom",
    "Junction Rail",
    "Meridian Foods",
    "Plover Press",
    "Ironbridge Steel",
    "Cobalt Games",
]
PEOPLE = [("Lara", "Croft", "CTO"), ("Ivo", "Keller", "Head of IT"), ("Mei", "Tan", "CFO")]
PROJECTS = ["SAP Integration", "Rollout", "Data migration", "Security review"]
STEPS = ["Agree on goals", "Connect systems", "Train the team"]
STATUSES = ["customer", "customer", "prospect", "coming", "canceled", "customer"]


def build(scale: int = 1) -> Models:
    """The documents by collection and id, in the order in which they were made."""
    tenant = _Tenant()
    for number in range(len(NAMES) * scale):
        tenant.company(number)
    tenant.fields()
    return tenant.models


# fmt: off
class _Tenant:
    def __init__(self) -> None:
        self.models: Models = {
            name: {}
            for name in (
                "users", "companies", "projects", "tasks", "endusers", "assets", "licenses", "sales", "invoices",
                "issues", "conversations", "churn", "customfields",
            )
        }
        self._numbers = {name: count(1) for name in self.models}
        self.users = [
            self.add(
                "users", email=f"{first.lower()}@planhat.example", nickName=first, firstName=first, lastName=last,
                roles=[], inactive=False, isHidden=False, notificationsEnabled=True, tzOffset=-60,
                image={"path": f"avatars/{first.lower()}.png"}, createdAt=_at(-1000 + i), updatedAt=_at(-30 + i),
            )
            for i, (first, last) in enumerate(USERS)
        ]

    def add(self, model: str, /, **attributes: Any) -> Document:
        """A document with an id that looks like an ObjectId."""
        prefix = f"6{list(self.models).index(model):x}"
        document = {"_id": f"{prefix}{next(self._numbers[model]):022x}", **attributes, "__v": 0}
        self.models[model][document["_id"]] = document
        return document

    def company(self, n: int) -> None:
        owner = self.users[n % len(self.users)]
        name = NAMES[n % len(NAMES)] + (f" {n // len(NAMES) + 1}" if n >= len(NAMES) else "")
        company = self.add(
            "companies", name=name, externalId="" if n % 7 == 2 else f"C-{n:04}", sourceId=f"0012000001{n:05}AAB",
            owner=owner["_id"], coOwner=None, phase=("Onboarding", "Adoption", "Renewal")[n % 3],
            phaseSince=_at(-90 - n), status=STATUSES[n % len(STATUSES)], h=n % 10 + 1, csmScore=n % 5 + 1,
            mr=1000.5 * n, mrr=1000.0 * n, nrr30=0, csmScoreLog=[{"date": _at(-90), "score": n % 5 + 1}],
            domains=[f"customer{n}.example"], tags=["key"] if n % 4 == 0 else [], products=[], sales=[], licenses=[],
            features={}, usage={}, alerts=[], createDate=_at(-800 + n), updatedAt=_at(-n),
            shareable={"team": {"fields": []}, "enabled": False, "euIds": [], "sunits": False},
            custom={
                "Days in Phase": 90 + n, "# Overdue Invoices": n % 3, "t123": "undefined", "Industry": ["Software"],
            },
        )
        here = {"companyId": company["_id"], "companyName": name}
        people = [
            self.add(
                "endusers", **here, email=f"{first.lower()}@customer{n}.example", firstName=first, lastName=last,
                name=f"{first} {last}", position=position, phone="", tags=[], featured=i == 0, primary=i == 0,
                archived=False, custom={},
            )
            for i, (first, last, position) in enumerate(PEOPLE)
        ]
        self._projects(n, here)
        self._tasks(n, here, owner)
        self._revenue(n, here, owner)
        self._contacts(n, here, owner, people)

    def _projects(self, n: int, here: Document) -> None:
        for i in range(1 + n % 3):
            project = self.add(
                "projects", **here, name=f"{PROJECTS[(n + i) % len(PROJECTS)]}: {here['companyName']}",
                currency="EUR", mrr=500 * (i + 1),
                custom={
                    "Notes": "", "Product": ["Product A"], "t123": "undefined", "Week No": 29.285714285714285,
                    "Renewal in days": -1,
                },
            )
            # Neither day is on every project [S].
            if (n + i) % 5:
                project["startDate"] = _at(-200 + 17 * n + 5 * i, 4)
            if (n + i) % 4:
                project["endDate"] = _at(-140 + 17 * n + 5 * i, 4)

    def _tasks(self, n: int, here: Document, owner: Document) -> None:
        always = {
            "noSpecificTime": True, "shared": False, "overdueNotified": False, "activityTags": [],
            "ownerId": owner["_id"], "ownerName": owner["nickName"], **here, "endusers": [], "users": [],
            "comments": [], "custom": {"HScore": n % 10}, "createdAt": _at(-60 + n), "updatedAt": _at(-3),
            "repeat": None,
        }
        self.add(
            "tasks", **always, mainType="task", action="Send them a gift card", startTime=None, isArchived=n % 4 == 1,
            checklist=[], children=[],
        )
        self.add(
            "tasks", **always, mainType="event", action="Quarterly review", startTime=_at(n, 9), endTime=_at(n, 10),
            description="<p>Review the <b>quarter</b>.</p>", snippet="Review the quarter.", isArchived=False,
            status="In-progress", checklist=[{"title": "Agenda"}, {"title": "Numbers"}], children=[],
        )
        if n % 3:
            return
        workflow = {"workflowId": f"5d{n:022x}", "workflowName": "Onboarding", "workflowTemplateId": f"57{0:022x}"}
        parent = self.add(
            "tasks", **always, **workflow, mainType="task", action="Onboard the customer", isArchived=False,
            checklist=[], sortPosition=0,
        )
        steps = [
            self.add(
                "tasks", **always, **workflow, mainType="task", action=action, status="In-progress" if i else "Done",
                workflowTaskId=f"5c{i:022x}", isArchived=i == 0, startTime=_at(n + i), parent=parent["_id"],
                checklist=[], children=[], sortPosition=i + 1,
            )
            for i, action in enumerate(STEPS)
        ]
        parent["children"] = [{"_id": step["_id"]} for step in steps]
        for each in (parent, *steps):
            each["workflowStepId"] = each["_id"]

    def _revenue(self, n: int, here: Document, owner: Document) -> None:
        license = self.add(
            "licenses", **here, product="Platform", value=12000 + 500 * n, mrr=(12000 + 500 * n) / 12,
            _currency="EUR", length=12, fromDate=_at(-300 + n), toDate=_at(65 + n), renewalDate=_at(65 + n),
            renewalStatus="ongoing", renewalDaysFromNow=65 + n, renewalPeriod=12, renewalUnit="month",
            noticePeriod=None, noticeUnit=None, autoRenews=n % 2 == 0, fixedPeriod=True, issues=None if n % 2 else [],
            isOverdue=False, invoicesGenerated=False, toDateIncluded=False, invoiceCycleInterval=0,
            sourceId=f"0060O00000{n:05}QAA", custom={"Days until renewal": 65 + n},
        )
        self.add(
            "assets", **here, name=f"Site {n + 1}", externalId=str(4467 + n), custom={"Kary FF": None},
            usage={owner["_id"]: n},
        )
        self.add(
            "sales", **here, product="Advanced Onboarding", value=10000, salesDate=_at(-300 + n),
            externalId=f"sale-{n}",
            _currency={"_id": "EUR", "rate": 1, "symbol": "€", "isBase": True, "__v": 0, "overrides": {}},
        )
        first, last = (NOW - EPOCH).days - 300 + n, (NOW - EPOCH).days - 270 + n
        self.add(
            "invoices", cId=here["companyId"], cName=here["companyName"], invoiceNo=1, amountDue=1000,
            amountPaid=1000, amountTotal=1000.25, status="paid", currency="EUR", invoiceDate=first, dueDate=last,
            paidDate=last - 3, emails=[], invoiceCycle="once", comments=[], updatedAt=_at(-270 + n),
            custom={"Sent": True},
            lineItems=[
                {
                    "_id": f"7f{n:022x}", "licenseId": license["_id"], "product": "License Fee", "amount": 1000.25,
                    "dateFrom": first, "dateTo": last,
                }
            ],
        )
        if here["companyId"] in {
            each["_id"] for each in self.models["companies"].values() if each["status"] == "canceled"
        }:
            self.add(
                "churn", **here, isChurn=True, churnReason="Moved in house", createDate=_at(-20), currency="EUR",
                custom={},
            )

    def _contacts(self, n: int, here: Document, owner: Document, people: list[Document]) -> None:
        lara = {"id": people[0]["_id"], "name": people[0]["name"]}
        conversation = self.add(
            "conversations", **here, type="note", subject="Kick-off", description="Little call with the client.",
            snippet="Little call with the client.", note="Kick-off: Little call with the client.", date=_at(-40, 15),
            createDate=_at(-40, 17), users=[{"id": owner["_id"], "name": owner["nickName"], "isOwner": True}],
            endusers=[lara], owner=owner["_id"], userId=owner["_id"], nickName=owner["nickName"], starred=False,
            pinned=False, archived=False, isOpen=False, tags=[], autoTags=[], activityTags=[], emailTemplateIds=[],
            timeBucket=[], followers=[], history=[], sender=[], waitsToBeFiltered=True,
        )
        if n % 2 == 0:
            self.add(
                "issues", title="Problem with integration", description="Some settings do not stick.", status="Open",
                companyIds=[here["companyId"]], companies=[{"id": here["companyId"], "name": here["companyName"]}],
                enduserIds=[lara["id"]], endusers=[lara], conversationIds=[conversation["_id"]],
                companyMatchingValue=[], archived=False, createdAt=_at(-39), updatedAt=_at(-39),
            )

    def fields(self) -> None:
        for parent, name, type_ in [
            ("company", "Industry", "multipicklist"), ("project", "Notes", "text"), ("task", "HScore", "number"),
        ]:
            self.add(
                "customfields", name=name, type=type_, parent=parent, isFeatured=False, isHidden=False,
                isShared=False, isLocked=False, isMandatory=False, isFormula=False,
                listValues=["Software", "Food"] if name == "Industry" else [],
            )

# fmt: on


def _at(days: int, hour: int = 0) -> str:
    """So many days from now, as Planhat writes instants."""
    time = datetime(NOW.year, NOW.month, NOW.day, hour, tzinfo=UTC) + timedelta(days=days)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
