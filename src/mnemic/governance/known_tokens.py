"""Keys and tokens that tell by their shape what they are, private keys, and passwords within addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mnemic.governance.found import Found

#: Shapes that issuers document. Each is long and begins with a mark of its own, so that ordinary text has none.
_SHAPES = (
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16}",  # Amazon
    r"gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255}",
    r"glpat-[A-Za-z0-9_-]{20,64}",
    r"xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{20,255}",  # Slack
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/=]{24,255}",  # Stripe
    r"sk-(?:[a-z]{2,10}(?:\d{2})?-)*[A-Za-z0-9_-]{20,255}",  # OpenAI, Anthropic and those that follow them
    r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,255}|GOCSPX-[A-Za-z0-9_-]{28}",  # Google
    r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    r"npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,255}",
    r"hf_[A-Za-z0-9]{30,40}|gsk_[A-Za-z0-9]{40,60}|xai-[A-Za-z0-9]{40,100}",
    r"do[opr]_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|hv[sb]\.[A-Za-z0-9_-]{24,255}",
    r"\d{8,10}:AA[A-Za-z0-9_-]{33}",  # Telegram
    r"[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}",  # Discord
    r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",  # a signed token of the web
)
_TOKEN = re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(_SHAPES)})(?![A-Za-z0-9_-])")
_BLOCK = re.compile(
    r"-----BEGIN (?P<what>[A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?)-----.*?(?:-----END (?P=what)-----|\Z)", re.DOTALL
)
_HEADER = re.compile(r"\bauthorization:?\s+(?:bearer|basic|token)\s+([A-Za-z0-9._~+/-]{8,}=*)", re.IGNORECASE)
_ADDRESS = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@?#\"'<>]{0,64}:([^\s@/\"'<>]{1,128})@[\w.\[-]")
#: What documentation writes where a password would stand.
EXAMPLES = frozenset(
    "password passwd pass pwd passphrase secret token key apikey api_key your_password your-password yourpassword"
    " mypassword changeme redacted hidden xxx xxxx xxxxx".split()
)


def find_known(text: str) -> Iterator[Found]:
    """Tokens, private keys and passwords of addresses in a text.

    >>> [found.kind for found in find_known("postgres://anna:tr0ub4dor@db/one")]
    ['connection']
    """
    if "-----BEGIN" in text:
        for match in _BLOCK.finditer(text):
            yield Found(*match.span(), "private-key", match.group())
    for match in _TOKEN.finditer(text):
        # Words joined by hyphens are a name that begins like a key.
        if any(c.isdigit() for c in match.group()):
            yield Found(*match.span(), "token", match.group())
    for match in _HEADER.finditer(text):
        yield Found(*match.span(1), "token", match.group(1))
    if "://" in text:
        for match in _ADDRESS.finditer(text):
            given = match.group(1)
            if given.lower() not in EXAMPLES and not stands_for(given):
                yield Found(*match.span(1), "connection", given)


def stands_for(word: str) -> bool:
    """Whether a word is a blank to be filled in: ``<key>``, ``$TOKEN``, ``{pin}``, ``****``, or a placeholder of ours.

    >>> stands_for("${PASSWORD}"), stands_for("[secret:card:lost]"), stands_for("tr0ub4dor")
    (True, True, False)
    """
    return word[0] in "<${[%(" or len(set(word)) < 3 or "***" in word or "..." in word or "…" in word
