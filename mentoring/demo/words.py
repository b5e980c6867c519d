"""The names and sentences the demo company is made of."""

from typing import Any

GRADES = {
    1: "Trainee",
    2: "Associate",
    3: "Specialist",
    4: "Senior Specialist",
    5: "Team Lead",
    6: "Head of Department",
    7: "Director",
    8: "Board",
}
TITLES = {1: "Trainee", 2: "Associate", 3: "Specialist", 4: "Senior Specialist"}
OMBUDS_EN = "The ombuds office: Dr. Ruth Adler, a lawyer outside the company, by telephone on 0800 000 0000."
OMBUDS_DE = (
    "Die Ombudsstelle: Dr. Ruth Adler, Anwältin außerhalb des Unternehmens, telefonisch unter 0800 000 0000."
)
SITES = [
    ("Hamburg", "Europe/Berlin"),
    ("Leipzig", "Europe/Berlin"),
    ("Rotterdam", "Europe/Amsterdam"),
    ("Lisbon", "Europe/Lisbon"),
    ("Dublin", "Europe/Dublin"),
]
FIRST_LANGUAGE = {
    "Hamburg": "de",
    "Leipzig": "de",
    "Rotterdam": "nl",
    "Lisbon": "pt",
    "Dublin": "en",
}
PROFESSIONS = [
    "Management",
    "Logistics",
    "Finance",
    "People",
    "Technology",
    "Sales",
    "Law",
    "Communication",
]
UNITS = [
    ("Operations", "Logistics", ["Supply Chain", "Terminal Operations", "Fleet"]),
    ("Finance and Controlling", "Finance", ["Controlling", "Accounting"]),
    ("People and Culture", "People", ["Talent", "Learning"]),
    ("Technology", "Technology", ["Data and AI", "Platforms", "Security"]),
    ("Customers", "Sales", ["Key Accounts", "Customer Service", "Digital Sales"]),
    ("Legal and Compliance", "Law", ["Legal", "Compliance"]),
    (
        "Communication and Sustainability",
        "Communication",
        ["Communication", "Sustainability"],
    ),
]
DIRECTORS: dict[str, str] = {}
HEADS = {"Supply Chain": "Dr. Martin Vogel"}
# Team, ranks to choose from, name, title: the people one can sign in as.
KNOWN = [
    ("Supply Chain", (6,), "Dr. Martin Vogel", "Head of Supply Chain"),
    (
        "Supply Chain",
        (3, 4, 2),
        "Petra Lindner",
        "Assistant to the Head of Supply Chain",
    ),
    ("Data and AI", (2, 3, 1), "Aylin Kaya", "Data Analyst"),
    ("Learning", (5,), "Helene Brandt", "Lead HR Programmes"),
    ("Talent", (4, 3), "Tomás Ferreira", "Programme Coordinator"),
    ("Compliance", (5,), "Nadia Okafor", "Ombudsperson"),
]
SIGN_INS = [
    ("HR admin", "Helene Brandt"),
    ("Coordinator", "Tomás Ferreira"),
    ("Mentor", "Aylin Kaya"),
    ("Mentee", "Dr. Martin Vogel"),
    ("Delegate", "Petra Lindner"),
    ("Confidant", "Nadia Okafor"),
    ("Manager", "Ingrid Solberg"),
]
# The first ones are what juniors teach, the others what seniors do.
JUNIOR_TOPICS = 11
TOPICS = [
    ("AI in daily work", "KI im Arbeitsalltag"),
    ("Working across generations", "Zusammenarbeit der Generationen"),
    ("Data literacy", "Umgang mit Daten"),
    ("Automation without code", "Automatisieren ohne Programmieren"),
    ("Social media and short video", "Soziale Medien und kurze Videos"),
    ("Inclusive teams", "Inklusive Teams"),
    ("Accessible products", "Barrierefreie Produkte"),
    ("Hybrid work that works", "Hybrides Arbeiten, das gelingt"),
    ("What young talent looks for", "Was junge Talente suchen"),
    ("Sustainability in practice", "Nachhaltigkeit in der Praxis"),
    ("Everyday digital security", "Digitale Sicherheit im Alltag"),
    ("Negotiating", "Verhandeln"),
    ("Leading through change", "Führen im Wandel"),
    ("Understanding the balance sheet", "Die Bilanz verstehen"),
    ("Speaking to large groups", "Vor vielen Menschen sprechen"),
    ("Building a network", "Netzwerke aufbauen"),
    ("Making hard decisions", "Schwierige Entscheidungen treffen"),
]
ABOUT = {
    "en": [
        "I like to try things out first and read the manual later.",
        "New to this, curious, and happy to be asked anything.",
        "I learn best with an example from real work in front of me.",
        "Ask me about what does not work yet. That is where it gets interesting.",
    ],
    "de": [
        "Ich probiere gern aus und lese die Anleitung danach.",
        "Neu dabei, neugierig, und Fragen sind immer willkommen.",
        "Am besten lerne ich an einem Beispiel aus dem Arbeitsalltag.",
        "Fragen Sie mich nach dem, was noch nicht klappt. Dort wird es interessant.",
    ],
}
HOPES = {
    "en": [
        "To see our company with other eyes.",
        "Something I can use the week after.",
        "An honest conversation.",
    ],
    "de": [
        "Unser Unternehmen mit anderen Augen zu sehen.",
        "Etwas, das ich gleich anwenden kann.",
        "Ein offenes Gespräch.",
    ],
}
# Title, and its five levels from much less to much more than expected.
GOALS = {
    "en": [
        (
            "Use AI for the board papers",
            [
                "does not use it at all",
                "tries it once in a while",
                "drafts two of five papers with AI",
                "drafts most papers with AI and checks the sources",
                "shows colleagues how to do it",
            ],
        ),
        (
            "Listen to the youngest in the team",
            [
                "hears of their ideas by chance",
                "asks now and then",
                "has a fixed half hour every month",
                "acts on one idea a quarter",
                "the team brings ideas unasked",
            ],
        ),
        (
            "Read our own figures without help",
            [
                "asks for every figure",
                "opens the dashboard, and closes it again",
                "answers own questions with the dashboard",
                "builds a view of their own",
                "helps others to read theirs",
            ],
        ),
    ],
    "de": [
        (
            "KI für die Vorstandsvorlagen nutzen",
            [
                "nutzt sie gar nicht",
                "probiert sie ab und zu",
                "entwirft zwei von fünf Vorlagen mit KI",
                "entwirft die meisten mit KI und prüft die Quellen",
                "zeigt Kolleginnen und Kollegen, wie es geht",
            ],
        ),
        (
            "Den Jüngsten im Team zuhören",
            [
                "hört zufällig von ihren Ideen",
                "fragt ab und zu nach",
                "hat jeden Monat eine feste halbe Stunde",
                "setzt jedes Quartal eine Idee um",
                "das Team bringt Ideen von sich aus",
            ],
        ),
    ],
}
LOGS: dict[str, list[dict[str, Any]]] = {
    "en": [
        {
            "topics": "Prompts for the weekly report, and what not to paste into a chat window.",
            "progress": "The first draft took ten minutes instead of an hour.",
            "challenges": "Trusting the result too quickly.",
            "successes": "One page the team could use as it was.",
            "next_steps": ["Try meeting notes with the team"],
        },
        {
            "topics": "How the younger colleagues choose where they work.",
            "progress": "A list of three things that cost nothing.",
            "challenges": "Little time; we started late.",
            "successes": "An honest word about the canteen meeting.",
            "next_steps": ["Ask two trainees for lunch", "Send the article"],
        },
        {
            "topics": "The dashboard, from the front page down to one container.",
            "progress": "Filters are no longer a riddle.",
            "challenges": "Names of columns that nobody remembers.",
            "successes": "Found the delay in Rotterdam without a call.",
            "next_steps": ["Rename five columns"],
        },
    ],
    "de": [
        {
            "topics": "Gute Eingaben für den Wochenbericht und was nicht in ein Chatfenster gehört.",
            "progress": "Der erste Entwurf hat zehn Minuten gedauert statt einer Stunde.",
            "challenges": "Dem Ergebnis nicht zu schnell zu trauen.",
            "successes": "Eine Seite, die das Team so übernehmen konnte.",
            "next_steps": ["Besprechungsnotizen mit dem Team ausprobieren"],
        },
        {
            "topics": "Wonach junge Kolleginnen und Kollegen ihren Arbeitsplatz wählen.",
            "progress": "Drei Dinge, die nichts kosten.",
            "challenges": "Wenig Zeit, wir haben spät angefangen.",
            "successes": "Ein offenes Wort über die Montagsrunde.",
            "next_steps": ["Zwei Auszubildende zum Mittagessen einladen"],
        },
    ],
}
RESOURCES = [
    ("Prompts that work", "https://example.com/prompts"),
    ("A short film on hybrid meetings", "https://example.com/hybrid"),
    ("Reading a balance sheet in one hour", "https://example.com/balance"),
]
COMMENTS = {
    "en": [
        "Slower than we thought, but steadily.",
        "It is becoming a habit.",
        "A good month.",
    ],
    "de": [
        "Langsamer als gedacht, aber stetig.",
        "Es wird zur Gewohnheit.",
        "Ein guter Monat.",
    ],
}
PLACES = ["", "", "Canteen, by the window", "Room Alster", "Walk along the quay"]
GIVEN_NAMES = [
    "Amira",
    "Anna",
    "Anton",
    "Aoife",
    "Arjun",
    "Beatriz",
    "Ben",
    "Carla",
    "Chidi",
    "Clara",
    "Daan",
    "Daniel",
    "David",
    "Diego",
    "Elif",
    "Ella",
    "Emeka",
    "Emil",
    "Emma",
    "Fatima",
    "Felix",
    "Femke",
    "Finn",
    "Frida",
    "Greta",
    "Hana",
    "Hannah",
    "Hugo",
    "Ines",
    "Isabel",
    "Ivan",
    "Jakob",
    "Jana",
    "Jonas",
    "Joris",
    "Julia",
    "Kaan",
    "Katja",
    "Kofi",
    "Lara",
    "Lea",
    "Leon",
    "Lina",
    "Linh",
    "Luca",
    "Luis",
    "Maja",
    "Malte",
    "Maria",
    "Marta",
    "Mateusz",
    "Max",
    "Mehmet",
    "Mia",
    "Milan",
    "Mira",
    "Nele",
    "Nico",
    "Noah",
    "Nora",
    "Olga",
    "Oskar",
    "Paula",
    "Pedro",
    "Priya",
    "Rafael",
    "Ravi",
    "Rosa",
    "Ruth",
    "Sanne",
    "Sara",
    "Selin",
    "Sofia",
    "Stefan",
    "Sven",
    "Tariq",
    "Theo",
    "Tim",
    "Vera",
    "Wanda",
    "Yara",
    "Zoe",
]
FAMILY_NAMES = [
    "Adeyemi",
    "Albers",
    "Almeida",
    "Andersen",
    "Bakker",
    "Bauer",
    "Becker",
    "Berger",
    "Boateng",
    "Bruns",
    "Byrne",
    "Çelik",
    "Costa",
    "Demir",
    "Dietrich",
    "Dijkstra",
    "Doyle",
    "Ebert",
    "Engel",
    "Falk",
    "Fischer",
    "Fonseca",
    "Frank",
    "Gallagher",
    "Gomes",
    "Graf",
    "Haas",
    "Hansen",
    "Hartmann",
    "Hoffmann",
    "Horn",
    "Ito",
    "Jansen",
    "Kaiser",
    "Keller",
    "Kelly",
    "Koch",
    "Kowalski",
    "Krause",
    "Kumar",
    "Lang",
    "Lenz",
    "Lindgren",
    "Lopes",
    "Lorenz",
    "Maier",
    "Marques",
    "Mendes",
    "Meyer",
    "Moreau",
    "Mulder",
    "Murphy",
    "Nguyen",
    "Nowak",
    "Oliveira",
    "Osei",
    "Peters",
    "Petrov",
    "Pham",
    "Pinto",
    "Reis",
    "Richter",
    "Roth",
    "Santos",
    "Sauer",
    "Schmitt",
    "Schulz",
    "Silva",
    "Smit",
    "Sommer",
    "Stein",
    "Tan",
    "Thomsen",
    "Ünal",
    "Visser",
    "Vogt",
    "Walsh",
    "Weber",
    "Winter",
    "Wolf",
    "Yılmaz",
    "Ziegler",
]
PLAIN = {"á": "a", "ç": "c", "é": "e", "í": "i", "ı": "i", "ó": "o"}
HELPED = {
    "en": [
        "You answer questions without making me feel behind.",
        "That you come prepared, every time.",
    ],
    "de": [
        "Sie beantworten Fragen, ohne dass ich mich dumm fühle.",
        "Dass Sie jedes Mal vorbereitet kommen.",
    ],
}
TO_TRY = {
    "en": ["Let us try it on something of mine next time.", "A little slower, please."],
    "de": [
        "Beim nächsten Mal gern an einem Beispiel von mir.",
        "Gern etwas langsamer.",
    ],
}

# What members make of the ground rules of reverse.toml, by the place of the rule: the second is reworded, the
# first, which is for everybody, added to.
REWORDED = {
    "en": {
        1: "Sport and the weather are always welcome.",
        2: "We do not talk about the performance of named colleagues, neither of people in our teams nor of our "
        "own managers. Situations we describe without names.",
    },
    "de": {
        1: "Sport und Wetter gehen immer.",
        2: "Wir sprechen nicht über die Leistung einzelner, namentlich genannter Kolleg:innen, weder aus unseren "
        "Teams noch über unsere Führungskräfte. Situationen beschreiben wir ohne Namen.",
    },
}
ADDED = {
    "en": ("logistics", "Every second meeting is a walk along the harbour."),
    "de": ("logistics", "Jedes zweite Treffen ist ein Spaziergang am Hafen."),
}
OFFERS = {
    "en": {"mentor": "Prompts that work, with our own examples", "mentee": "How our budget comes about"},
    "de": {
        "mentor": "Prompts, die funktionieren, an eigenen Beispielen",
        "mentee": "Wie unser Budget entsteht",
    },
}
# What people write to somebody they found in the directory: who asks for a mentor, and who offers to be one.
REQUESTS = {
    "en": (
        "Hello, I saw in the directory that you know your way around something I would like to understand "
        "better. Could you imagine showing me how you go about it? Half an hour every few weeks would be plenty.",
        "Hello, I read what you would like to learn, and it is what I do every day. If you like, I am happy to "
        "share how I got into it, detours included.",
    ),
    "de": (
        "Hallo, im Verzeichnis habe ich gesehen, dass Sie sich mit etwas auskennen, das ich gern besser "
        "verstehen möchte. Könnten Sie sich vorstellen, mir zu zeigen, wie Sie es angehen? Eine halbe Stunde alle "
        "paar Wochen wäre völlig genug.",
        "Hallo, ich habe gelesen, was Sie lernen möchten, und genau das mache ich jeden Tag. Wenn Sie mögen, "
        "erzähle ich Ihnen gern, wie ich dazu gekommen bin, Umwege inbegriffen.",
    ),
}

THANKS = [
    (
        "You never made me feel that I should know this already. I ask my team differently now.",
        "You told me what nobody tells me. I will miss our half hours.",
    ),
    (
        "Sie haben mir gezeigt, wie viel ich verpasse, wenn nur ich rede. Danke.",
        "Ich hätte nie gedacht, dass ich Ihnen etwas beibringen kann. Danke für Ihr Vertrauen.",
    ),
]
"""What mentee and mentor thank each other for at the end, in this order."""
