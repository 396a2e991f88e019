"""Finds names in English text without a model: people, places, products, titles, handles, tags, addresses.

A name is a run of capitalised words ("University of Porto", "J. K. Rowling") less the ordinary words that only
start a sentence, a mixed-case word (iPhone), a quoted title, an @handle, a #tag, an e-mail address or the host
of a link. Source: the capitalisation and position features of A. Mikheev, "Periods, capitalized words, etc.",
Computational Linguistics 28(3), 2002.
"""

from __future__ import annotations

import re
import unicodedata

_ORDINARY = """
    a about above absolutely according accordingly across act actually add adding additionally after again against ago
    agreed ah aha ahh all almost alone along already alright also although always am amazing among amongst an and
    another answer any anybody anymore anyone anything anytime anyway anyways anywhere apart apparently appreciate are
    aren around art article as aside ask asking at aw awesome aww away awful back bad based basically be beautiful
    because become been before began begin behind being believe below beside besides best better between beyond big
    birthday bless book both bought brave brilliant bring bringing brought bro build busy but buy by bye call came can
    cannot can't care careful certainly change changing check cheers choose choosing clear clearly close come coming
    completely concerning confirm congrats congratulations consider considering contact cool could couldn count
    crazy create curious currently cute dad damn darn day days dear def definitely delicious despite did didn
    different difficult discover do doc does doesn doing don done double doubt down dream drive due during each
    earlier early easy eat either else email enjoy enough especially essentially even evening eventually ever every
    everybody everyone everything everywhere exactly excellent except excited exciting excuse explain explore extra
    fab fair family fantastic far fascinating father feel feeling few finally find fine finish first five
    focus focusing follow following food for forget fortunately forward found four free frequently friday friend
    friends from full fun funny further furthermore gave general generally get getting girl give given giving glad
    go god goes going gonna good goodbye goodness goodnight google gorgeous got gotcha gotta grab gradually grateful
    great growing guess guys ha had hadn haha hahaha half hang happens happy hard hardly has hasn have haven having
    he hear heard heck hell hello help helping hence her here hers hey hi high him his hm hmm hmmm hold home honestly
    hope hopefully hoping hot how however huge hugs hundred hurray hurry i idea if imagine imo impressive in
    incredible incredibly indeed inside inspiring instead interesting into introducing is isn it its itself jeez job
    join joined just keep keeping kids kind kinda kindly know knowing last lastly late lately later latest laugh learn
    learned learning least leave left less let lets life like likely likewise limited lines list listen little live
    living ll lmao log lol long look looking looks lord lost lot lots love loved lovely loving low luckily made mainly
    make makes making man many marvelous may maybe me mean meaning meanwhile meet meeting mention met might mind mine
    miss mm mmm mom moment moreover more morning most mostly mother move moving mr mrs ms much mum music must my
    myself name namely natural naturally nature near nearly need neither never nevertheless new next nice night nine no
    nobody none nonetheless nope nor normally not note noted nothing now nowhere number obviously occasionally of off
    often oh ok okay old omg on once one ones only onto ooh oops open or original originally other others otherwise
    ouch our ours out outside over overall own paint part particularly past people perfect perhaps person personally
    phew pick picked place plan plans play please plenty plus point pretty previously probably proud put quick quickly
    quite rain ran rarely rather re read reading ready real really recently regarding regardless regards remember
    remind reminds research rest right roger run running sad sadly safe said same sat saw say saying says school second
    see seeing seeking seem seems seen self send sent seriously set seven several shall share she should shouldn show
    shows sibling similar similarly simple simply since sister sit six skip sleep slow slowly small so some somebody
    somehow someone something sometimes somewhat somewhere soon sorry sort sounds sound special spend spent stand start
    started starting stay step still stop strong stuff such sunday super support sure surely surprisingly sweet take
    taking talk talking tell ten terrible than thank thankfully thanks that the their theirs them themselves then there
    thereafter thereby therefore these they thing things think thinking third this those though thought thoughts three
    through throughout thus till time tip tips to today together tomorrow tonight too took topic totally toward towards
    tried true truly trust try trying turn tv two ugh uh um under understand understanding understood unfortunately
    unless unlike until up update upon us use used using usually vacation various ve very via view visit wait waiting
    walk wanna want wanted wanting warm was wasn watch watching way we week weekend weird welcome well went were weren
    what whatever when whenever where whereas wherever whether which whichever while who whoever whom whose why wife
    wild will wish wishing with within without woah woman won wonder wonderful wondering work worked working world worth
    would wouldn wow write writing wrong ya yay yeah year years yep yes yesterday yet you young your yours yourself yum
    yup aim am january february march april june july august september october november december
    monday tuesday wednesday thursday saturday jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri
    sun ai id ps fyi btw imho asap eta faq diy vs etc pm est pst utc gmt ceo cto hr pdf url api json html css sql
    adoption agree animals assignments balance basketball bet books board c'mon catch challenges chase chat cherish
    classic community concerts confidence confident conversations cozy creativity dance deadlines dogs domestic
    dragons eager epic events exams expression fantasy feels felt fingers fireworks flowers football fresh friendship
    game games gather gives goals guidance guitar hah happiness hiccups horses identity injury kudos laughter lemme
    lesson lucky meal means memories mental mentors moments movie nah obstacles oof pets photos positive pottery
    pride progress pub push quality regular relax resources respect rock setbacks shadow someday songs spill sports
    startin store stories strength struggles success sunflowers tackle tackling takes tons tough trips turns tutorials
    unforgettable unity users veggies video visual weddings whoa woo woohoo y'all yea yo yoga fri tues"""
ORDINARY_WORDS = frozenset(_ORDINARY.split())
#: Ordinary words that open a name when another capitalised word follows: New York, Great Barrier Reef.
_OPENERS = frozenset(("new", "old", "great", "big", "little", "high", "low", "long", "good", "first", "last", "red",
    "art", "music", "book", "family", "world", "open", "rock", "pride"))  # fmt: skip
#: The same before "of": Lord of the Rings, Game of Thrones.
_OPENERS_WITH_OF = frozenset(("lord", "game", "book", "art", "world", "name", "life", "call", "house", "dance"))
#: Written in capitals these are acronyms: the US, the WHO, IT.
_SHOUTED = ORDINARY_WORDS - {"us", "who", "it"}
_DATES = """january february march april june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday"""
_CALENDAR = frozenset(_DATES.split())
_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽŁŃŅŇŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽΑ-ΩА-Я"
_WORD = (
    rf"(?:(?:Dr|Mr|Mrs|Ms|Prof|St|Mt)\.(?=\s[{_UPPER}])|[{_UPPER}]\.(?:[{_UPPER}]\.)*"
    rf"|[{_UPPER}]\w*(?:[-’'][^\W_]+)*)"
)
_RUN = re.compile(
    rf"(?<![\w@#/.’'-])(?:[a-z]{{1,3}}[A-Z]\w*|{_WORD})"
    r"(?:(?<!['’]s)(?:[ ]|[ ]?&[ ]?)"
    rf"(?:(?:of|the|de|van|von|der|den|la|le|du|da|di|del|al|for)[ ]){{0,2}}{_WORD}|[ ]\d{{1,4}}\b(?![:.,/]\d))*"
)
_QUOTED = re.compile(rf"[\"“](?P<title>[{_UPPER}0-9][^\"“”\n]{{1,79}})[\"”]")
_MARKED = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(?:https?://|\bwww\.)(?:www\.)?(?P<host>[\w-]+(?:\.[\w-]+)+)[^\s)>\]]*"
    r"|(?<![\w/])(?P<sign>[@#][^\W\d_][\w-]*)"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;…\n\"“”*•>(]|[-–—])\s*$")
_ENDINGS = ("ing", "ed", "ly", "tion", "ness", "ment")
_POSSESSIVE = re.compile(r"['’]s?$")


def find_names(text: str) -> list[str]:
    """The names in a text, in order of mention, each once, as they are written.

    Speakers are not known here; days and months are left to the time expressions.

    >>> find_names("Did Caroline's sister visit the University of Porto with Ben? I asked @ben_k.")
    ['Caroline', 'University of Porto', 'Ben', '@ben_k']
    >>> find_names("Painting is fun. The new iPhone 15 played \\"Clair de Lune\\" all day.")
    ['iPhone 15', 'Clair de Lune']
    """
    found: list[tuple[int, str]] = []
    taken: list[tuple[int, int]] = []
    if "@" in text or "#" in text or "://" in text or "www." in text:
        for marked in _MARKED.finditer(text):
            found.append((marked.start(), str(marked["email"] or marked["host"] or marked["sign"])))
            taken.append(marked.span())
    if '"' in text or "“" in text:
        for quoted in _QUOTED.finditer(text):
            if _is_title(quoted["title"]):
                found.append((quoted.start(), quoted["title"].rstrip(".,!? ")))
                taken.append(quoted.span())
    if not text.isupper():
        for run in _RUN.finditer(text):
            if not any(first <= run.start() < last for first, last in taken):
                found.extend(_names_of_run(run, text))
    return _each_once(found)


def canonical_name(name: str) -> str:
    """The form under which two spellings of a name are the same: case, accents, possessive and "the" removed.

    >>> canonical_name("The Café's"), canonical_name("  José   GARCÍA ")
    ('cafe', 'jose garcia')
    """
    while True:
        decomposed = unicodedata.normalize("NFKD", name).casefold()
        plain = "".join(c for c in unicodedata.normalize("NFKD", decomposed) if not unicodedata.combining(c))
        plain = " ".join(plain.replace("’", "'").split()).strip(" .,;:!?\"'“”()[]@#")
        plain = plain.removesuffix("'s").removeprefix("the ")
        if plain == name:
            return plain
        name = plain


def _names_of_run(run: re.Match[str], text: str) -> list[tuple[int, str]]:
    words = run[0].split()
    place = run.start()
    while words and _is_filler(words):
        place += len(words[0]) + 1
        words.pop(0)
        while words and words[0].islower() and not _mixed(words[0]):
            place += len(words.pop(0)) + 1
    while words and (words[-1] == "I" or words[-1].lower() in _CALENDAR or words[-1].islower()):
        words.pop()
    if not words or words[0].isdigit():
        return []
    name = _POSSESSIVE.sub("", " ".join(words))
    if len(words) == 1 and place == run.start() and _only_starts_sentence(name, run.start(), text):
        return []
    return [(place, name)] if len(name) > 1 else []


def _is_filler(words: list[str]) -> bool:
    """Whether the first word of a run is an ordinary one and no part of the name."""
    whole = words[0].replace("’", "'").lower()
    first = whole.partition("'")[0]
    if first not in ORDINARY_WORDS and whole not in ORDINARY_WORDS:
        return False
    if words[0].isupper() and len(words[0]) > 1 and first not in _SHOUTED:
        return False
    opens = len(words) > 1 and words[1][:1].isupper() and words[1].lower() not in ORDINARY_WORDS
    return not (opens and first in _OPENERS) and not (words[1:2] == ["of"] and first in _OPENERS_WITH_OF)


def _only_starts_sentence(name: str, place: int, text: str) -> bool:
    """Whether a lone word may owe its capital to its place: an inflected or elsewhere lower-case word."""
    if not name[1:].islower() or not _SENTENCE_START.search(text[max(0, place - 6) : place]):
        return False
    if re.search(rf"(?<=[\w,] ){re.escape(name)}\b", text):
        return False
    return name.endswith(_ENDINGS) or re.search(rf"\b{re.escape(name.lower())}\b", text) is not None


def _mixed(word: str) -> bool:
    return not word.islower() and not word.istitle()


def _is_title(quoted: str) -> bool:
    """Whether a quotation is a title: at most eight words, the longer ones capitalised."""
    words = quoted.split()
    long = [word for word in words if len(word) > 3]
    if len(words) > 8 or quoted[-1:] in "?!" or (len(words) == 1 and words[0].lower().rstrip(".,") in ORDINARY_WORDS):
        return False
    return all(not word[0].islower() for word in long) if long else len(words) > 1


def _each_once(found: list[tuple[int, str]]) -> list[str]:
    out: dict[str, str] = {}
    for _, name in sorted(found, key=lambda item: item[0]):
        key = canonical_name(name)
        if key:
            out.setdefault(key, name)
    return list(out.values())
