"""What plans and actions are called, and the vocabularies of the API."""

STATUSES = ("PENDING", "IN_PROGRESS", "COMPLETED", "EXPIRED")
"""IN_PROGRESS and COMPLETED are certain [V]; the words for what is not begun and what is overdue are stand-ins."""
TERMINAL = ("COMPLETED", "EXPIRED")
FOCUS_TYPES = ("SCORE", "HI", "ENPS")
ACTION_TYPES = ("MANAGER", "COMPANY")
ORIGINS = ("MANUAL", "SUGGESTION", "AI")
VISIBILITIES = ("PUBLIC", "PRIVATE")

PLANS = (
    ("Lift recognition scores in Operations", "Close the gap to the company average before the spring survey."),
    ("Onboarding that lasts a quarter", "The first ninety days decide who stays: buddies, check-ins, a first win."),
    ("Fewer meetings, better meetings", "Give every team one morning a week without calls."),
    ("Leaders who listen", "Monthly one-to-ones with notes that both sides can read."),
    ("Workload in Customer Care", "Peaks on Mondays are known; staff for them."),
    ("Career paths for engineers", "Write down what each level means and who decides."),
    ("Sites talk to each other", "Barcelona and Mexico City hear the same news on the same day."),
    ("Safety moments", "Start every shift with one thing that went well and one that did not."),
    ("Hybrid that is fair", "Nobody is promoted for sitting closer."),
    ("Benefits people understand", "One page instead of a forty-page handbook."),
    ("From survey to change", "Each team picks one result and acts on it within a month."),
    ("Keep our night shift", "Turnover at night is twice that of the day: find out why."),
)

ACTIONS = (
    ("Run a recognition workshop", "Two hours with the team leads; bring three recent examples each."),
    ("Publish the results of the last pulse", "One page, with what we will do and what we will not."),
    ("Meet every new hire in week two", "Thirty minutes, no slides."),
    ("Agree on quiet hours", "No calls from nine to noon on Wednesdays."),
    ("Ask the team what to stop doing", "Collect answers anonymously, then decide together."),
    ("Pair up buddies across sites", "One pair per new colleague."),
    ("Review the rota with the night shift", "They write the first draft."),
    ("Write a one-page growth plan", "With each direct report, before the end of the quarter."),
    ("Thank somebody in public every week", "In the channel that everybody reads."),
)
