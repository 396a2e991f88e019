"""The words of lives: what people say of themselves, how an extractor notes it, and how it is asked for.

``{p}`` is a person, ``{v}`` the value, ``{w}`` the former one. Of each list of questions the last wording is kept for
held-out lives: no life that the engine was adjusted on asks in those words.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMES = (
    "Ana Freitas", "Bruno Keller", "Chidi Okafor", "Dalia Haddad", "Emil Novak", "Farah Aziz", "Goran Petrov",
    "Hanna Lind", "Ivo Marin", "Jaya Raman", "Kofi Mensah", "Lena Vogt", "Mateo Rojas", "Nadia Saleh", "Oskar Berg",
    "Priya Nair", "Quentin Leroy", "Rhea Bianchi", "Sven Dahl", "Tara Quinn", "Umar Farouk", "Vera Sokol",
    "Wim de Boer", "Yuki Tanaka", "Zora Blum",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trait:
    """An attribute of a person: what it may be, and everything that is said, noted and asked about it.

    ``rests_on`` names the trait that it holds under; ``many`` says that a person can have several at once.
    """

    attribute: str
    values: tuple[str, ...]
    told: tuple[str, ...]
    noted: str
    asked: tuple[str, ...]
    before: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    ended: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    rests_on: str = ""
    many: bool = False


SINGLE = (
    Trait(
        "home",
        ("Porto", "Leipzig", "Turin", "Ghent", "Malmö", "Kraków", "Seville", "Bergen", "Graz", "Lyon"),
        ("I have a flat in {v}, third floor, lots of light.", "{v} is where I live, in case you wondered."),
        "{p} lives in {v}.",
        (
            "Where does {p} live now?",
            "What city is home for {p} these days?",
            "In which town is {p} based at the moment?",
        ),
        (
            "Where did {p} live before {v}?",
            "What city was {p}'s home before the current one?",
            "Which town was {p} based in previously?",
        ),
        ("Boxes everywhere: we have moved, {v} it is from now on.", "Big news, I live in {v} now."),
        touched=(
            "{p} moved from {w} to {v}. What else is no longer certain because of that?",
            "Since {p}'s home changed, which other things are in doubt?",
            "Now that {p} lives in {v}, what needs re-checking?",
        ),
    ),
    Trait(
        "office",
        (
            "Harbour Street",
            "the old mill",
            "Tower Nine",
            "Castle Square",
            "the river campus",
            "Station Road",
            "Linden Court",
            "the glass house",
        ),
        ("Our office is at {v}, coffee included.", "I go to the office at {v} every weekday."),
        "{p}'s office is at {v}.",
        (
            "Where is {p}'s office?",
            "At which place does {p} have the office now?",
            "Where does {p} go to work at present?",
        ),
        (
            "Where was {p}'s office before?",
            "At which place was {p}'s office before it was at {v}?",
            "Where did {p} formerly go to work?",
        ),
        ("They relocated us: the office is at {v} since Monday.", "New office for us, we sit at {v} now."),
        touched=(
            "{p}'s office moved to {v}. What else does that put in doubt?",
            "Which other facts about {p} are no longer certain since the office is not at {w} any more?",
            "After {p}'s change of office, what else should be re-checked?",
        ),
    ),
    Trait(
        "employer",
        (
            "Brightwater",
            "Norden Maps",
            "Alder & Finch",
            "Quillon Labs",
            "Sato Ceramics",
            "Vantage Rail",
            "Oakline",
            "Pelican Books",
        ),
        ("Work at {v} keeps me busy, quarter end.", "I am employed by {v}, the one with the odd logo."),
        "{p} works for {v}.",
        ("Who does {p} work for?", "Which company is {p}'s employer?", "What firm pays {p}'s salary?"),
        (
            "Who did {p} work for before {v}?",
            "Which company was {p}'s previous employer?",
            "What firm was {p} with earlier?",
        ),
        ("I signed with {v}, first day was yesterday!", "So I quit and joined {v}. Feels right."),
        touched=(
            "{p} changed employer, from {w} to {v}. What else is uncertain now?",
            "What else is in doubt since {p} left {w}?",
            "With {p} working for {v}, which other details may be outdated?",
        ),
    ),
    Trait(
        "car",
        ("a red Twingo", "a grey Octavia", "an old Volvo", "a blue Zoe", "a white Transporter", "a green Panda"),
        ("I drive {v}, it is not pretty but it goes.", "My car is {v}."),
        "{p} drives {v}.",
        ("What car does {p} drive?", "Which car does {p} have?", "What vehicle does {p} own nowadays?"),
        (
            "What car did {p} drive before {v}?",
            "Which car did {p} have previously?",
            "What vehicle did {p} own earlier?",
        ),
        ("Traded in the old one, I drive {v} now.", "Picked up {v} on Saturday, the old car is gone."),
        (
            ("I sold the car, no replacement. Trains it is.", "sold"),
            ("The car went to the scrapyard and I am not getting another.", "scrapyard"),
        ),
        ("What car does {p} drive?", "Does {p} still have a car?", "Which vehicle does {p} own at the moment?"),
        touched=(
            "{p} no longer has {w}. What else is no longer certain?",
            "Since {p}'s car changed, which other things are in doubt?",
            "What else about {p} needs checking now that the car is a different one?",
        ),
    ),
    Trait(
        "gym",
        ("Ironworks", "Studio Pulse", "the Rowing Club", "Boulder Barn", "Fit Cellar", "Aqua Hall"),
        ("I train at {v} twice a week.", "My gym is {v}, they play awful music."),
        "{p} trains at {v}.",
        ("Which gym does {p} go to?", "Where does {p} train?", "At what place does {p} work out?"),
        (
            "Which gym did {p} go to before?",
            "Where did {p} train before {v}?",
            "At what place did {p} previously work out?",
        ),
        ("Switched gyms, {v} has better showers.", "I train at {v} from this month on."),
        (
            ("I cancelled the gym, never had the time.", "cancelled"),
            ("No more gym for me, I handed the card back.", "handed the card back"),
        ),
        ("Which gym does {p} go to?", "Does {p} still train at {v}?", "Where does {p} currently work out?"),
    ),
    Trait(
        "instrument",
        ("the cello", "the clarinet", "the accordion", "the oboe", "the mandolin", "the trombone"),
        ("I practise {v} in the evenings, poor neighbours.", "I started playing {v}, it squeaks."),
        "{p} plays {v}.",
        ("What instrument does {p} play?", "Which instrument is {p} practising?", "What does {p} make music on?"),
        (
            "What instrument did {p} play before?",
            "Which instrument did {p} practise before {v}?",
            "On what did {p} make music formerly?",
        ),
        ("I put it away for good and play {v} instead.", "Changed instruments: {v} now."),
        (
            ("I stopped playing altogether, the case gathers dust.", "stopped playing"),
            ("Gave the instrument away, music was not for me.", "gave the instrument away"),
        ),
        (
            "What instrument does {p} play?",
            "Does {p} still play {v}?",
            "Which instrument is {p} learning at the moment?",
        ),
    ),
    Trait(
        "phone number",
        ("0151 2204", "0160 7731", "0172 9048", "0157 6612", "0176 3385", "0163 5907"),
        ("You can reach me at {v}.", "My phone number is {v}, write it down."),
        "{p}'s phone number is {v}.",
        ("What is {p}'s phone number?", "Under which number can {p} be reached?", "How do I call {p}?"),
        (
            "What was {p}'s phone number before?",
            "Under which number could {p} be reached before {v}?",
            "What used to be {p}'s number?",
        ),
        ("New number: {v}. The old one is dead.", "Please use {v} for me, I changed provider."),
    ),
    Trait(
        "diet",
        ("vegetarian", "pescatarian", "vegan", "gluten-free", "low-carb", "dairy-free"),
        ("I eat {v}, just so you know for Sunday.", "I am on a {v} diet."),
        "{p}'s diet is {v}.",
        ("What diet does {p} follow?", "How does {p} eat, as to diet?", "What kind of food regime is {p} on?"),
        ("What diet did {p} follow before?", "What was {p}'s diet before {v}?", "On what food regime was {p} earlier?"),
        ("I changed my eating again, {v} this time.", "Since the check-up I eat {v}."),
        (
            ("I eat everything again, the diet is over.", "everything again"),
            ("No diet for me any more, life is short.", "no diet"),
        ),
        ("What diet does {p} follow?", "Is {p} still on a {v} diet?", "What food regime is {p} on today?"),
    ),
)

RESTING = (
    Trait(
        "dentist",
        ("Dr. Lima", "Dr. Hoffmann", "Dr. Osei", "Dr. Varga", "Dr. Moreau"),
        (
            "I see {v} for my teeth, two minutes from the office.",
            "{v} is my dentist now, as the practice is next door to the office.",
        ),
        "{p}'s dentist is {v}, near the office.",
        ("Who is {p}'s dentist?", "Which dentist does {p} see?", "Who looks after {p}'s teeth?"),
        sure=(
            "Is {v} still {p}'s dentist?",
            "Does {p} still go to the dentist {v}?",
            "Does {v} still look after {p}'s teeth?",
        ),
        rests_on="office",
    ),
    Trait(
        "lunch place",
        ("Casa Verde", "the Noodle Bar", "Little Anchor", "Mama Rosa", "the Canteen"),
        (
            "For lunch I go to {v}, it is right below the office.",
            "{v} is my lunch spot, since it is across from the office.",
        ),
        "{p} has lunch at {v} because it is close to the office.",
        ("Where does {p} have lunch?", "What is {p}'s lunch place?", "Where does {p} eat at noon?"),
        sure=(
            "Does {p} still have lunch at {v}?",
            "Is {v} still {p}'s lunch place?",
            "Is {p} still eating at {v} at noon?",
        ),
        rests_on="office",
    ),
    Trait(
        "lunch companion",
        ("Marek", "Silvia", "Tomas", "Ingrid", "Paolo"),
        (
            "{v} joins me there at lunch, the regular table.",
            "I share the lunch table with {v}, who is a regular there.",
        ),
        "{p} has lunch with {v}, a regular of the lunch place.",
        ("Who does {p} have lunch with?", "Who is {p}'s lunch companion?", "Who shares {p}'s table at noon?"),
        sure=(
            "Does {p} still have lunch with {v}?",
            "Is {v} still {p}'s lunch companion?",
            "Is {v} still sharing {p}'s table at noon?",
        ),
        rests_on="lunch place",
    ),
    Trait(
        "book swap",
        ("crime novels", "travel books", "comics", "old cookbooks"),
        ("Over lunch we swap {v}, the two of us.", "We trade {v} at the table, a nice habit of ours."),
        "{p} swaps {v} with the lunch companion.",
        (
            "What does {p} swap with the lunch companion?",
            "Which books does {p} swap?",
            "What reading matter does {p} trade?",
        ),
        sure=("Does {p} still swap {v}?", "Is the swap of {v} by {p} still on?", "Does {p} still trade {v}?"),
        rests_on="lunch companion",
    ),
    Trait(
        "school of the daughter",
        ("Hillside School", "Saint Clare", "Meadow Primary", "Willow School"),
        (
            "My daughter goes to {v}, it is the one for our part of town.",
            "{v} took my daughter, we live in its district.",
        ),
        "{p}'s daughter goes to {v}, the school of their district.",
        (
            "Which school does {p}'s daughter go to?",
            "What is the school of {p}'s daughter?",
            "Where is {p}'s daughter taught?",
        ),
        sure=(
            "Does {p}'s daughter still go to {v}?",
            "Is {v} still the school of {p}'s daughter?",
            "Is {p}'s daughter still taught at {v}?",
        ),
        rests_on="home",
    ),
    Trait(
        "school bus",
        ("line 14", "line 7", "line 32", "line 5"),
        ("She takes the school bus, {v}, straight to the gate.", "The school bus is {v}, it stops at our corner."),
        "{p}'s daughter takes the school bus {v}.",
        (
            "Which school bus does {p}'s daughter take?",
            "What line is the school bus of {p}'s daughter?",
            "With what bus does {p}'s daughter get to class?",
        ),
        sure=(
            "Does {p}'s daughter still take the school bus {v}?",
            "Is the school bus of {p}'s daughter still {v}?",
            "Does {p}'s daughter still get to class with {v}?",
        ),
        rests_on="school of the daughter",
    ),
    Trait(
        "pick-up helper",
        ("Mrs. Albrecht", "Uncle Rafael", "Mr. Santos", "Aunt Mila"),
        ("{v} waits at the bus stop for her when I am late.", "{v} picks her up from the bus on Thursdays."),
        "{v} picks {p}'s daughter up from the school bus.",
        ("Who picks {p}'s daughter up from the bus?", "Who is {p}'s pick-up helper?", "Who collects {p}'s daughter?"),
        sure=(
            "Does {v} still pick {p}'s daughter up?",
            "Is {v} still {p}'s pick-up helper?",
            "Does {v} still collect {p}'s daughter?",
        ),
        rests_on="school bus",
    ),
    Trait(
        "parking space",
        ("bay 12", "bay 40", "the courtyard", "level two"),
        ("I rent {v} for the car, so no more circling.", "The car sleeps in {v}, a parking space of its own."),
        "{p} rents {v} as a parking space for the car.",
        ("Which parking space does {p} rent?", "Where does {p} park?", "What spot does {p} leave the vehicle in?"),
        sure=(
            "Does {p} still rent the parking space {v}?",
            "Is {v} still {p}'s parking space?",
            "Does {p} still park in {v}?",
        ),
        rests_on="car",
    ),
    Trait(
        "car insurance",
        ("Solidar", "Helvex", "Northstar", "Fidelia"),
        ("The car is insured with {v}, full cover.", "{v} does the insurance for the car."),
        "{p}'s car is insured with {v}.",
        ("Who insures {p}'s car?", "What is {p}'s car insurance?", "With which company is {p}'s vehicle covered?"),
        sure=(
            "Is {p}'s car still insured with {v}?",
            "Is {v} still {p}'s car insurance?",
            "Does {v} still cover {p}'s vehicle?",
        ),
        rests_on="car",
    ),
    Trait(
        "health plan",
        ("Plan Silver", "CareFirst", "Vita Basis", "MedUnion"),
        ("My health plan is {v}, it comes with the job.", "The company pays for {v}, my health plan."),
        "{p}'s health plan is {v}, paid by the employer.",
        ("What is {p}'s health plan?", "Which health plan does {p} have?", "What medical cover is {p} on?"),
        sure=(
            "Is {v} still {p}'s health plan?",
            "Does {p} still have the health plan {v}?",
            "Is {p} still covered by {v}?",
        ),
        rests_on="employer",
    ),
)

MANY = (
    Trait(
        "hobbies",
        ("pottery", "bouldering", "chess", "birdwatching", "salsa", "origami", "fencing", "beekeeping"),
        ("I took up {v}.", "I spend my weekends with {v} these days."),
        "{p}'s hobby is {v}.",
        ("How many hobbies does {p} have?", "List all of {p}'s hobbies.", "What are the things {p} does as a hobby?"),
        ended=(("I gave up {v}, no time.", "gave up"), ("I am done with {v}.", "done with")),
        many=True,
    ),
    Trait(
        "pets",
        ("a parrot", "a tabby cat", "a greyhound", "a tortoise", "two goldfish", "a rabbit"),
        ("We got {v}!", "There is {v} in our household now."),
        "{p} has {v} as a pet.",
        ("How many pets does {p} have?", "What are {p}'s pets?", "Name all the animals that {p} keeps as pets."),
        ended=(("We had to give {v} away.", "give away"), ("Sad day, {v} is no longer with us.", "no longer")),
        many=True,
    ),
    Trait(
        "languages",
        ("Danish", "Arabic", "Polish", "Swahili", "Italian", "Korean", "Welsh"),
        ("I am learning {v}, lesson one was today.", "I signed up for a class in {v}."),
        "{p} is learning the language {v}.",
        (
            "How many languages is {p} learning?",
            "Which languages is {p} learning?",
            "List every language that {p} studies.",
        ),
        ended=(("I dropped {v}, the grammar beat me.", "dropped"), ("I quit the {v} class.", "quit")),
        many=True,
    ),
    Trait(
        "subscriptions",
        ("Filmbox", "The Weekly Atlas", "Tonebay", "Gardener's Post", "Crate of Cheese", "NewsHour"),
        ("I subscribed to {v}.", "I pay for {v} every month now."),
        "{p} has a subscription to {v}.",
        ("How many subscriptions does {p} have?", "What are {p}'s subscriptions?", "Name all that {p} subscribes to."),
        ended=(("I cancelled {v}.", "cancelled"), ("I no longer pay for {v}.", "no longer")),
        many=True,
    ),
)

#: What may be asked of a person and is never told in any life.
NEVER = (
    ("blood type", ("What is {p}'s blood type?", "Which blood type does {p} have?", "What blood group is {p}?")),
    ("shoe size", ("What is {p}'s shoe size?", "Which size of shoe does {p} wear?", "How large are {p}'s feet?")),
    ("godmother", ("Who is {p}'s godmother?", "What is the name of {p}'s godmother?", "Who stood godmother to {p}?")),
    ("tattoo", ("What tattoo does {p} have?", "Where is {p}'s tattoo?", "What is inked on {p}'s skin?")),
    ("thesis", ("What was {p}'s thesis about?", "On what did {p} write a thesis?", "What is the topic of {p}'s dissertation?")),
    ("allergy", ("What is {p} allergic to?", "Which allergy does {p} have?", "What can {p}'s immune system not stand?")),
    ("birthday", ("When is {p}'s birthday?", "On what date was {p} born?", "What is {p}'s date of birth?")),
    ("landlord", ("Who is {p}'s landlord?", "What is {p}'s landlord called?", "To whom does {p} pay rent?")),
)  # fmt: skip

CHATTER = (
    "What a week, I could sleep until Tuesday.", "Did you see the rain last night?", "Ha, that made me laugh.",
    "I burnt the rice again.", "The trains were late, nothing new.", "Thanks, that helps a lot!",
    "I keep humming that tune from the advert.", "My plants survived the heat, miracle.", "Let's talk about something nice.",
    "I read that penguins propose with pebbles.", "The soup was too salty but we ate it.", "Good morning! Coffee first.",
    "I finally fixed the squeaking door.", "The sunset was ridiculous tonight.", "I lost an hour to videos of otters.",
    "Somebody painted the bench green.", "My sister called, she talks for hours.", "It smells of bread in the whole street.",
)  # fmt: skip
REPLIES = (
    "Oh nice, tell me more!", "I see. How did that feel?", "Noted. Anything else?", "That sounds like a day.",
    "Ha! I can imagine.", "Good to know.", "Glad to hear it.", "Hm, interesting. And then?", "Take care of yourself!",
)  # fmt: skip
ABOUT_OTHER = ('By the way, {p} told me: "{s}"', 'News from {p}, who wrote: "{s}"', '{p} says hello and: "{s}"')
