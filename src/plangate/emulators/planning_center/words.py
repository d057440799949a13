"""The names and texts of Riverbend Community Church, which exists only here."""

PEOPLE = """
Naomi Fletcher, Daniel Okafor, Grace Lindqvist, Marcus Bell, Priya Raman, Caleb Whitfield, Hannah Sorensen,
Isaac Moreno, Ruth Abernathy, Tobias Klein, Lydia Park, Samuel Adeyemi, Esther Caldwell, Joel Hartmann, Miriam Castillo,
Andrew Pham, Leah Donovan, Peter Nakamura, Abigail Reyes, Jonas Bergstrom, Chloe Whitaker, Nathan Osei, Sarah Kowalski,
David Montgomery, Elena Petrova, Micah Thornton, Joy Nguyen, Gabriel Santos, Rachel Eastwood, Benjamin Ashworth
"""

SONGS = (
    ("Amazing Grace", "John Newton", "G", 262),
    ("Be Thou My Vision", "Eleanor Hull", "D", 248),
    ("Come, Thou Fount of Every Blessing", "Robert Robinson", "C", 275),
    ("Crown Him with Many Crowns", "Matthew Bridges", "D", 231),
    ("Great Is Thy Faithfulness", "Thomas Chisholm", "Bb", 290),
    ("Holy, Holy, Holy", "Reginald Heber", "E", 244),
    ("It Is Well with My Soul", "Horatio Spafford", "C", 312),
    ("Joyful, Joyful, We Adore Thee", "Henry van Dyke", "F", 198),
    ("O Come, All Ye Faithful", "John Francis Wade", "G", 215),
    ("Silent Night", "Joseph Mohr", "Bb", 236),
)

SERIES = (
    ("The Long Way Home", True),
    ("Ordinary Saints", False),
    ("Songs of Ascent", True),
    ("Good Soil", True),
    ("Letters from Prison", False),
    ("Rooted", True),
    ("Bread for the Journey", False),
    ("Waiting for Light", True),
)

TITLES = (
    "Leaving Ur",
    "Baptism Sunday",
    "The Table in the Wilderness",
    "Guest speaker: Dr. Amara Obi",
    "A Better Country",
    "Family Sunday",
    "What the Trees Said",
    "Vision & Budget",
    "Lament",
    "Neighbours",
)

NOTES = (
    ("Sermon", "Text: Luke 15:11-32. Slides by Friday noon, please."),
    ("Production", "Wireless 3 is still at the repair shop; use the spare handheld for the welcome."),
    ("Hospitality", "Coffee in the courtyard if it stays dry, otherwise the east lobby."),
    ("Communion", "Gluten-free bread on the left-hand tray."),
)

DECLINES = ("Out of town that weekend.", "Working a double shift, sorry!", "Family birthday")
