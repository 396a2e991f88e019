"""Finds names in English text without a model: people, places, products, titles, handles, tags, addresses.

A name is a run of capitalised words ("University of Porto", "J. K. Rowling") less the ordinary words that only
start a sentence, a mixed-case word (iPhone), a quoted title, an @handle, a #tag, an e-mail address or the host
of a link. Source: the capitalisation and position features of A. Mikheev, "Periods, capitalized words, etc.",
Computational Linguistics 28(3), 2002.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_FILLERS = """
    a about above absolutely according accordingly across act actually add adding additionally after again against
    ago agree agreed ah aha ahh aim all almost alone along already alright also although always am amazing among
    amongst an and another answer any anybody anymore anyone anything anytime anyway anyways anywhere apart
    apparently appreciate are aren around as asap aside ask asking at aw away awesome awful aww back bad based
    basically be beautiful because become been before began begin behind being believe below beside besides best
    better between beyond big bless both bought brave brilliant bring bringing bro brought btw build busy but buy
    by bye c'mon call came can can't cannot care careful catch certainly change changing chase check cheers
    cherish choose choosing classic clear clearly close come coming completely concerning confident confirm
    congrats congratulations consider considering contact cool could couldn count cozy crazy create curious
    currently cute damn darn day days dear def definitely delicious despite did didn different difficult discover
    diy do doc does doesn doing domestic don done double doubt down drive due during each eager earlier early easy
    eat either else enjoy enough epic especially essentially eta even evening eventually ever every everybody
    everyone everything everywhere exactly excellent except excited exciting excuse explain explore extra fab fair
    fantastic faq far fascinating feel feeling feels felt few finally find fine finish first five focus focusing
    follow following for forget fortunately forward found four free frequently fresh from full fun funny further
    furthermore fyi gather gave general generally get getting give given gives giving glad go god goes going gonna
    good goodbye goodness goodnight gorgeous got gotcha gotta grab gradually grateful great growing guess ha had
    hadn hah haha hahaha half hang happens happy hard hardly has hasn have haven having he hear heard heck hell
    hello help helping hence her here hers hey hi high him his hm hmm hmmm hold home honestly hope hopefully
    hoping hot how however huge hugs hundred hurray hurry i idea if imagine imho imo impressive in incredible
    incredibly indeed inside inspiring instead interesting into introducing is isn it its itself jeez join joined
    just keep keeping kind kinda kindly know knowing kudos last lastly late lately later latest laugh learn
    learned learning least leave left lemme less let lets life like likely likewise limited lines list listen
    little live living ll lmao log lol long look looking looks lost lot lots love loved lovely loving low luckily
    lucky made mainly make makes making many marvelous may maybe me mean meaning means meanwhile meet meeting
    mental mention met might mind mine miss mm mmm moment more moreover morning most mostly move moving mr mrs ms
    much must my myself nah name namely natural naturally near nearly need neither never nevertheless new next
    nice night nine no nobody none nonetheless nope nor normally not noted nothing now nowhere number obviously
    occasionally of off often oh ok okay old omg on once one ones only onto oof ooh oops open or original
    originally other others otherwise ouch our ours out outside over overall own part particularly past people
    perfect perhaps personally phew pick picked place plan plans play please plenty plus point positive pretty
    previously probably proud ps push put quick quickly quite ran rarely rather re read reading ready real really
    recently regarding regardless regards regular relax remember remind reminds rest right roger run running sad
    sadly safe said same saw say saying says second see seeing seeking seem seems seen self send sent seriously
    set seven several shall share she should shouldn show shows similar similarly simple simply since sit six skip
    sleep slow slowly small so some somebody someday somehow someone something sometimes somewhat somewhere soon
    sorry sort sound sounds special spend spent spill stand start started startin starting stay step still stop
    strong stuff such super support sure surely surprisingly sweet tackling take takes taking talk talking tell
    ten terrible than thank thankfully thanks that the their theirs them themselves then there thereafter thereby
    therefore these they thing things think thinking third this those though thought thoughts three through
    throughout thus till time to today together tomorrow tonight tons too took totally tough toward towards tried
    true truly trust try trying turn two ugh uh um under understand understanding understood unforgettable
    unfortunately unless unlike until up update upon us use used using usually various ve very via view visit
    visual vs wait waiting walk wanna want wanted wanting warm was wasn watch watching way we week weekend weird
    welcome well went were weren what whatever when whenever where whereas wherever whether which whichever while
    who whoa whoever whom whose why wild will wish wishing with within without woah won wonder wonderful wondering
    woo woohoo work worked working world worth would wouldn wow write writing wrong y'all ya yay yea yeah year
    years yep yes yesterday yet yo you young your yours yourself yum yup"""
_NOUNS = """
    adoption ai animals api apr april art article assignments aug august balance basketball bet birthday board
    book books ceo challenges chat community concerts confidence conversations creativity css cto dad dance
    deadlines dec december dogs dragons dream email est etc events exams expression family fantasy father feb
    february fingers fireworks flowers food football fri friday friend friends friendship game games girl gmt
    goals google guidance guitar guys happiness hiccups horses hr html id identity injury jan january job json jul
    july jun june kids laughter lesson lord man mar march meal memories mentors mom moments mon monday mother
    movie mum music nature note nov november obstacles oct october paint pdf person pets photos pm pottery pride
    progress pst pub quality rain research resources respect rock sat saturday school sep sept september setbacks
    shadow sibling sister songs sports sql store stories strength struggles success sun sunday sunflowers tackle
    thu thursday tip tips topic trips tue tues tuesday turns tutorials tv unity url users utc vacation veggies
    video wed weddings wednesday wife woman yoga"""
#: Words that say little by themselves: function words, verbs of talk, adverbs, interjections.
FILLER_WORDS = frozenset(_FILLERS.split())
#: Words that are no name when they start a sentence: fillers and common nouns.
ORDINARY_WORDS = FILLER_WORDS | frozenset(_NOUNS.split())
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
    rf"(?<![\w@#/.-])(?<!\w['’])(?:[a-z]{{1,3}}[A-Z]\w*|{_WORD})"
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
_CODE = re.compile(r"```.*?(?:```|\Z)", re.S)
_POSSESSIVE = re.compile(r"['’]s?$")


def find_names(text: str) -> list[str]:
    """The names in a text, in order of mention, each once, as they are written.

    Speakers are not known here; days and months are left to the time expressions;
    fenced code is skipped.

    >>> find_names("Did Caroline's sister visit the University of Porto with Ben? I asked @ben_k.")
    ['Caroline', 'University of Porto', 'Ben', '@ben_k']
    >>> find_names("Painting is fun. The new iPhone 15 played \\"Clair de Lune\\" all day.")
    ['iPhone 15', 'Clair de Lune']
    """
    if "```" in text:
        text = _CODE.sub("\n", text)
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
    if any(text[at - 1 : at] == " " and (text[at - 2] == "," or text[at - 2].isalnum()) for at in _places(name, text)):
        return False
    return name.endswith(_ENDINGS) or any(True for _ in _places(name.lower(), text))


def _places(word: str, text: str) -> Iterator[int]:
    """Where a text holds a word that no letter or digit touches, from its third character on."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if at > 1 and not text[at - 1].isalnum() and not text[end : end + 1].isalnum():
            yield at
        at = text.find(word, end)


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
