"""Numbers that are secret: payment cards (Luhn's check), bank accounts (IBAN, modulo 97), papers of a person.

A number without a check of its own counts only where words beside it say what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mnemic.governance.found import Found

_CARD = re.compile(r"(?<![\w.,/+=:-])\d(?:[ -]?\d){12,18}(?![\w/=-]|[.,]\d)")
_GROUPS = ((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3))
_CARD_WORDS = re.compile(
    r"\b(?:card|credit|debit|visa|master ?card|amex|american express|maestro|discover|kreditkarte|cvv|cvc)", re.I
)
#: Length of an IBAN by country, of the countries that issue them.
_LENGTHS = {
    code: length
    for length, codes in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "FR GR IT MC MR SM DJ BI",
        28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC",
        33: "RU",
    }.items()
    for code in codes.split()
}  # fmt: skip
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}([- ]?)(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])")
_SSN_WORDS = re.compile(r"\b(?:ssn|social security|social insurance|sozialversicherung\w*)\b", re.I)
_NINO = re.compile(r"(?<![\w-])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![\w-])")
_NINO_WORDS = re.compile(r"\b(?:national insurance|nino|ni number)\b", re.I)
_PAPER = re.compile(
    r"\b(?P<what>passport|driver'?s?'? licen[cs]e|driving licen[cs]e|(?:national )?(?:identity|id) card|national id"
    r"(?:entity)?|personalausweis|reisepass|tax(?:payer)? id(?:entification)?|steuer-?id|aadhaar|cpf|dni|pesel|bsn)\b"
    r"(?:[\s']*(?:number|num|no|nr|id|card)\b\.?|\s*#)?\s*(?:is|was|:|=|#)?\s*:?\s*"
    r"(?P<number>(?=[A-Z0-9./ -]{6,20})[A-Z]{0,3}\d[A-Z0-9./-]{4,18})(?![\w@])",
    re.I,
)
_NEAR = 60


def find_numbers(text: str) -> Iterator[Found]:
    """Cards, accounts and papers in a text.

    >>> [found.kind for found in find_numbers("It is 4111 1111 1111 1111, and my SSN is 078-05-1120.")]
    ['card', 'ssn']
    """
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if _issued(digits) and luhn(digits) and (_grouped(match.group()) or _told(text, match, _CARD_WORDS)):
            yield Found(*match.span(), "card", digits)
    yield from _ibans(text)
    for match in _SSN.finditer(text):
        if _told(text, match, _SSN_WORDS):
            yield Found(*match.span(), "ssn", re.sub(r"\D", "", match.group()))
    for match in _NINO.finditer(text):
        if _told(text, match, _NINO_WORDS):
            yield Found(*match.span(), "ssn", match.group().replace(" ", ""))
    for match in _PAPER.finditer(text):
        number = match["number"].rstrip(".-/")
        if sum(c.isdigit() for c in number) >= 5 and not re.fullmatch(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}", number):
            start = match.start("number")
            kind = "passport" if match["what"].lower() in ("passport", "reisepass") else "document"
            yield Found(start, start + len(number), kind, number.upper())


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others, as that of a card does.

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _issued(digits: str) -> bool:
    """Whether a card of this length may begin so."""
    two, four, size = int(digits[:2]), int(digits[:4]), len(digits)
    if size == 15:
        return two in (34, 37)
    if size == 14:
        return two in (36, 38) or 300 <= four // 10 <= 305
    if digits[0] == "4":
        return size in (13, 16, 19)
    in_range = 51 <= two <= 55 or 2221 <= four <= 2720 or four == 6011 or two in (64, 65, 62) or 3528 <= four <= 3589
    return size == 16 and in_range


def _grouped(text: str) -> bool:
    """Whether the digits stand in the groups in which cards show them, with one separator."""
    separators = set(re.sub(r"\d", "", text))
    if len(separators) != 1:
        return False
    return tuple(len(group) for group in text.split(separators.pop())) in _GROUPS


def _told(text: str, match: re.Match[str], words: re.Pattern[str]) -> bool:
    if match.group() == text.strip(" .\n"):
        return words is _CARD_WORDS
    return words.search(text, max(0, match.start() - _NEAR), min(len(text), match.end() + _NEAR // 2)) is not None


def _ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        compact = match.group().replace(" ", "")
        length = _LENGTHS.get(compact[:2], 0)
        if not length or len(compact) < length:
            continue
        # Words in capitals after the number are not part of it.
        taken = end = 0
        for end, char in enumerate(match.group(), 1):  # noqa: B007
            taken += char != " "
            if taken == length:
                break
        rest = match.group()[end : end + 1]
        if rest not in ("", " "):
            continue
        number = compact[:length]
        if int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1:
            yield Found(match.start(), match.start() + end, "iban", number)
