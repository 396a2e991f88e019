"""Secrets that words beside them give away: "my password is ...", "PIN: ...", a random string after "token".

What follows the words must look as if a person or machine had made it up: a digit, a sign or capitals within, or at
the end of its sentence a word that is no judgement ("my password is weak").
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from mnemic.governance.found import Found
from mnemic.governance.known_tokens import EXAMPLES, stands_for

_PASSWORD = re.compile(
    r"(?<![A-Za-z])(?P<word>passwords?|passwd|passcode|pass[ _-]?phrase|pwd|passwort|kennwort|contraseña"
    r"|mot de passe)(?P<of>[\"']?\s*(?:\((?:[^()]{1,30})\)\s*|(?:for|to|of|on|at|into)\s+(?:[\w'.@-]+\s+){1,5}?)?)"
    r"(?P<is>is now|is still|is|was|are|ist|es|est|:|=|->|→)\s*(?P<more>now |still |set to |changed to )?"
    r"(?P<quote>[\"'`“‘«]?)(?P<value>[^\s\"`”’»<>]{3,200})",
    re.IGNORECASE,
)
_SET = re.compile(
    r"\b(?:password|passcode|passphrase|pin)\s+(?:has been |was |got )?(?:set|changed|reset|updated)\s+"
    r"(?:from\s+\S+\s+)?to\s+(?P<quote>[\"'`“‘«]?)(?P<value>[^\s\"`”’»<>]{3,200})",
    re.IGNORECASE,
)
_PIN = re.compile(
    r"\b(?:pin(?: code| number)?|(?:security|access|door|gate|alarm|safe|unlock|entry|lock|garage|cvv|cvc)"
    r"(?:'s)?(?: code| combination| pin| number)?|cvv2?|cvc2?)"
    r"(?:\s+(?:for|to|of|on)\s+(?:[\w'-]+\s+){1,4}?)?\s*(?:is now|is|was|:|=)\s*[\"']?(?P<value>\d{3,8})"
    r"(?![\w./:%,-]*\d)(?!\s*(?:%|[a-z]{2,}))",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?<![A-Za-z])(?P<word>(?:api|access|secret|private|encryption|signing|license|auth|client|master|account)"
    r"[ _-]?(?:access[ _-]?)?(?:key|token|secret)|token|secret(?: key)?|credentials?|bearer|api[ _-]?key)"
    r"(?P<between>[^\n]{0,30}?)(?<![A-Za-z0-9+/_=~.-])(?P<value>[A-Za-z0-9+/_=~.-]{16,200})",
    re.IGNORECASE,
)
_JUDGED = frozenset(
    "weak strong wrong correct incorrect invalid valid right safe unsafe secure insecure good bad fine ok okay"
    " long short too very not no none null nil true false empty blank missing set unset required optional needed"
    " necessary mandatory unknown known same different changed saved stored kept lost gone forgotten expired old"
    " new secret private public easy hard simple complex hidden encrypted hashed here there below above this that"
    " the his her its your our their my mine yours on in at by with for from what where something anything nothing"
    " everything still now always never only just really so such also string str text varchar bytes int number"
    " input field value default env prompt being case sensitive working protected based one two three four five"
    " six seven eight nine ten stuff to been and but or if it important confidential obvious great terrible funny"
    " ridiculous fun cool cute nice first second next".split()
)  # fmt: skip
_ENDING = re.compile(r"(?:ed|ing|able|ible|less|ful|ly)$", re.IGNORECASE)
_HASHED = re.compile(r"hash|commit|checksum|digest|sha-?\d|md5|uuid|revision|build|public key|fingerprint", re.I)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def find_spoken(text: str) -> Iterator[Found]:
    """Passwords, codes and random strings that the words of a text give away.

    >>> [found.value for found in find_spoken("The wifi password is tr0ub4dor, my PIN is 4711.")]
    ['tr0ub4dor', '4711']
    >>> list(find_spoken("My password is not working, and the token was refused."))
    []
    """
    for pattern in (_PASSWORD, _SET):
        for match in pattern.finditer(text):
            value, quoted = _ended(match["value"], match["quote"])
            if value and _made_up(value, quoted, match, text):
                start = match.start("value")
                yield Found(start, start + len(value), "password", value)
    for match in _PIN.finditer(text):
        # In some countries a PIN code of six digits is that of a town.
        if not (len(match["value"]) == 6 and match.group().lower().startswith("pin code")):
            yield Found(*match.span("value"), "pin", match["value"])
    for match in _NAMED.finditer(text):
        value = match["value"].rstrip(".")
        before = text[max(0, match.start() - 30) : match.start()] + match["between"]
        if _random(value) and not _HASHED.search(before) and not _UUID.fullmatch(value):
            start = match.start("value")
            yield Found(start, start + len(value), "token", value)


def find_named(name: str, value: str) -> bool:
    """Whether data of this name is a secret as a whole: ``{"password": "..."}``.

    >>> find_named("api_key", "k3y-of-mine"), find_named("password_hint", "my dog"), find_named("token", "4")
    (True, False, False)
    """
    wanted = re.fullmatch(
        r"(?:\w*[_-])?(?:password|passwd|pwd|passphrase|passcode|secret|api[_-]?key|access[_-]?key|private[_-]?key"
        r"|(?:auth|access|refresh|bearer|session|api)[_-]?token|token|credentials?|pin|cvv|cvc)",
        re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name),
        re.IGNORECASE,
    )
    return wanted is not None and len(value) > 2 and value.lower() not in EXAMPLES | _JUDGED and not stands_for(value)


def _ended(value: str, quote: str) -> tuple[str, bool]:
    """A value without the punctuation of its sentence, and whether quotes hold it."""
    close = {"“": "”", "‘": "’", "«": "»"}.get(quote, quote)
    if quote and close in value:
        return value[: value.index(close)], True
    return value.rstrip(".,;:!?)]}'\"" if not quote else ""), bool(quote)


def _made_up(value: str, quoted: bool, match: re.Match[str], text: str) -> bool:
    low = value.lower()
    if low in EXAMPLES or low in _JUDGED or stands_for(value) or len(value) < 3 or "(" in value or "://" in value:
        return False
    inner = any(c.isdigit() for c in value) or any(not c.isalnum() and c not in "'’-" for c in value)
    if inner or (any(c.isupper() for c in value[1:]) and any(c.islower() for c in value)):
        # A number of characters or days, and a time, are no passwords.
        after = text[match.start("value") + len(value) :]
        return not (value.isdigit() and re.match(r"\s*[a-z]{3,}", after)) and len(value) >= 4
    if quoted:
        return True
    # A bare word counts at the end of its sentence alone.
    rest = text[match.start("value") + len(value) :].lstrip(" ")
    spoken = match.groupdict().get("is", "is").lower()
    ends = not rest or rest[0] in ".,;!\n)"
    return ends and len(value) >= 5 and not _ENDING.search(low) and spoken not in ("are", "es", "est")


def _random(value: str) -> bool:
    """Whether a string looks drawn at random: letters and digits mixed, and few of them alike."""
    digits, letters = sum(c.isdigit() for c in value), sum(c.isalpha() for c in value)
    if digits < 3 or letters < 3 or re.search(r"/\w*/|\.\w{2,4}$|^\d{4}-\d{2}|[A-Za-z]{9,}", value):
        return False
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return entropy >= 3.2
