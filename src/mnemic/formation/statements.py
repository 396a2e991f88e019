"""Labels what a speaker states of themselves: preference, plan, change, instruction, question, commitment.

A label is given when one of its rules, listed in ``RULES``, matches a sentence of the record; the rules read
first-person statements and requests. Source: the speech-act classes of J. R. Searle, "A classification of
illocutionary acts", Language in Society 5(1), 1976, in the cut that personal memories ask about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from mnemic.core.evidence import Segment
from mnemic.core.record import Record
from mnemic.core.stage import Annotator
from mnemic.core.view import View

_I = r"\b(?:i|we)(?:\s+(?:really|absolutely|just|also|still|usually|always|generally|actually|honestly|do|so))*\s+"
_AM = r"\b(?:i['’]m|i\s+am|we['’]re|we\s+are)\s+"
_AHEAD = r"\b(?:tomorrow|tonight|soon|next\s+(?:week|weekend|month|year|summer|\w+day))\b"
_WILL = r"\b(?:i|we)(?:['’]ll|\s+will|['’]m|['’]re)\b"
#: What follows "always" where nobody is told to do anything: "Always here for you."
_NO_VERB = r"(?:here|there|been|a|the|so|too|had|saw|happy|glad|good|great|fun|nice|thought|\w+ing)\b"
#: label -> rule name -> pattern, matched against one sentence in lower case.
RULES: dict[str, dict[str, str]] = {
    "preference": {
        "likes": _I + r"(?:prefer|love|like|adore|enjoy)\b",
        "dislikes": _I + r"(?:hate|dislike|detest|loathe|despise|avoid|can['’]?t\s+stand|cannot\s+stand)\b",
        "does not like": r"\b(?:i|we)\s+(?:don['’]t|do\s+not|never)\s+(?:really\s+)?(?:like|enjoy|eat|drink|want)\b",
        "favourite": r"\b(?:my|our)\s+(?:all-time\s+)?favou?rite\b|\bis\s+my\s+(?:go-to|thing)\b",
        "would rather": r"\b(?:i|we)(?:\s+would|['’]d)\s+(?:rather|prefer)\b",
        "fan of": _AM + r"(?:not\s+)?(?:a\s+)?(?:big\s+|huge\s+)?(?:fan\s+of|into|fond\s+of|allergic\s+to)\b",
    },
    "plan": {
        "going to": _AM + r"(?:(?:going|about|planning|hoping|looking)\s+to|gonna)\b",
        "plan": _I + r"(?:plan|intend|hope)\s+to\b|\b(?:my|our)\s+plans?\s+(?:is|are)\b",
        "planning": r"\bplanning\s+(?:on|a|an|our|my)\b",
        "thinking of": rf"(?:{_AM}|\bbeen\s+)(?:thinking\s+(?:of|about)|considering)\b",
        "dated future": rf"{_AHEAD}[^?]{{0,200}}{_WILL}|{_WILL}[^?]{{0,200}}{_AHEAD}",
    },
    "change": {
        "began or ended": r"\b(?:i|we)(?:['’]ve|\s+have)?(?:\s+(?:just|recently|finally))?\s+(?:moved|switched|"
        r"changed|quit|stopped|started|became|gave\s+up|given\s+up|upgraded|sold|broke\s+up)\b",
        "got": r"\b(?:i|we)(?:['’]ve|\s+have)?(?:\s+(?:just|recently|finally))?\s+(?:got|gotten|was|were)\s+"
        r"(?:married|divorced|engaged|promoted|hired|fired|laid\s+off)\b",
        "no longer": r"\b(?:no\s+longer|not\s+any\s?more)\b|n['’]t\s+(?:\w+\s+){1,4}any\s?more\b",
        "used to": r"\b(?:i|we)\s+used\s+to\b",
        "correction": r"^\W*(?:no,\s+)?actually\b|\bactually,?\s+(?:it['’]s|it\s+is|i['’]m|my|that['’]s)\b",
        "mistake": r"\bi\s+(?:meant|was\s+wrong)\b|\bcorrection\b|\bscratch\s+that\b",
        "new": r"\b(?:my|our)\s+new\s+\w+\s+(?:is|are|starts?)\b|\binstead\s+of\s+(?:my|our|the)\s+old\b",
    },
    "instruction": {
        "please": r"\bplease\s+(?:don['’]t|do|never|always|make|use|keep|call|give|stop|avoid|remember|write|answer|"
        r"be|note)\b",
        "standing": r"\bfrom\s+now\s+on\b|\bgoing\s+forward\b|\bin\s+(?:the\s+)?future,\s+(?:please|always|never|do)\b",
        "always or never": rf"^\W*(?:always|never)\s+(?!{_NO_VERB})\w+|\byou\s+(?:should|must)\s+(?:always|never)\b",
        "remember": r"^\W*(?:remember|note|keep\s+in\s+mind|don['’]t\s+forget)\s+(?:that|to|my|i|this)\b",
        "whenever": r"^\W*(?:when(?:ever)?|if)\s+i\s+(?:ask|say|mention|want|request)\b",
    },
    "question": {"asks": r"\?\W*$"},
    "commitment": {
        "will": r"\b(?:i|we)(?:['’]ll|\s+will)\s+(?:definitely\s+|certainly\s+|be\s+sure\s+to\s+)?(?:send|bring|call|"
        r"help|let|get|give|check|finish|write|come|be\s+there|meet|share|pay|remember)\b",
        "promise": r"\b(?:i|we)\s+(?:promise|swear|vow|pledge|guarantee|commit\s+to|agreed\s+to)\b",
        "word": r"\byou\s+have\s+my\s+word\b|\bi\s+owe\s+you\b",
    },
}
_COMPILED = [(label, name, re.compile(pattern)) for label, rules in RULES.items() for name, pattern in rules.items()]
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


@dataclass(frozen=True)
class Statements(Annotator):
    """Adds the labels whose rules match; ``fields["statements"]`` lists {label, rule, text} by sentence.

    What an assistant said is unconfirmed until the user takes it up: its labels stand, with
    ``fields["unconfirmed"]`` set.

    >>> draft = Record(id="", kind="episodic", value="I love tea. From now on, call me Anna.", role="user")
    >>> out = Statements().annotate(draft, Segment(()), view=None)
    >>> out.labels, [found["rule"] for found in out.fields["statements"]]
    (('preference', 'instruction'), ['likes', 'standing'])
    """

    name: ClassVar[str] = "statements"
    sight: ClassVar[str] = "event"

    def annotate(self, draft: Record, segment: Segment, view: View) -> Record:
        """The draft with its labels."""
        found = [
            {"label": label, "rule": rule, "text": sentence.strip()}
            for sentence in _SENTENCE.findall(draft.value)
            for label, rule in _of_sentence(sentence)
        ]
        fields = dict(draft.fields)
        if found:
            fields["statements"] = found
        if draft.role == "assistant":
            fields["unconfirmed"] = True
        labels = tuple(dict.fromkeys((*draft.labels, *(one["label"] for one in found))))
        return draft.with_(labels=labels, fields=fields)


def _of_sentence(sentence: str) -> list[tuple[str, str]]:
    """The label and rule of a sentence, at most one rule a label; what is asked is not stated."""
    out: dict[str, str] = {}
    sentence = sentence.lower()
    asked = sentence.rstrip().endswith("?")
    for label, rule, pattern in _COMPILED:
        if label not in out and (not asked or label in ("question", "instruction")) and pattern.search(sentence):
            out[label] = rule
    return list(out.items())
