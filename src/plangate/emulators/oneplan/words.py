"""The names and texts of Harbour & Vale Utilities, which exists only here."""

PEOPLE = (
    "Ingrid Solberg", "Tomás Herrera", "Aisha Rahman", "Owen Pritchard", "Mei-Ling Zhou", "Dorothy Blake",
    "Kwame Mensah", "Sofia Lindgren", "Rajesh Iyer", "Hannah Weiss", "Liam O'Connor", "Yuki Tanaka",
)  # fmt: skip

PORTFOLIOS = ("Grid Modernisation", "Customer Platform", "Water Resilience")

PROJECTS = (
    "Substation 14 rebuild", "Smart meter rollout, phase 2", "SCADA replacement", "Fibre backbone north",
    "Billing migration", "Outage map & alerts", "Self-service portal", "Contact centre telephony",
    "Reservoir telemetry", "Leak detection pilot", "Pumping station 7", "Flood gates, east bank",
)  # fmt: skip

PARTS = ("Design", "Procurement", "Field works", "Training & handover")

TASKS = (
    "Confirm scope with operations", "Site survey", "Draft business case", "Vendor shortlist", "Risk workshop",
    "Order long-lead items", "Security review", "Pilot with 50 users", "Cutover rehearsal", "Lessons learned",
)  # fmt: skip

STEPS = ("Idea", "Business case", "Design review", "Execution", "Close-out")

REMARKS = (
    "Budget holder wants the contingency split out before the gate.",
    "<p>Vendor confirmed the <b>March</b> delivery slot.</p>",
    "Please re-check the outage window with operations.",
    "undefined",
    "Steering group: go ahead, but report monthly.",
)

STATUSES = ("On track", "At risk", "Off track")
REGIONS = ("North", "East", "Vale")
