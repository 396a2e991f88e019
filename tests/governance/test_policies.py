"""Policies and grants as rules: whatever is added to them, a further deny or a narrower grant never shows more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mnemic.core.acting import Acting
from mnemic.core.norms import UNLABELLED, severity
from mnemic.core.times import instant
from mnemic.governance.grants import Grant, wall_of
from mnemic.governance.policies import ANY, FLOWS, Policy, Rule
from mnemic.governance.roles import Right

AT = instant("2026-06-02")
MATTERS = ("health", "work", "money", "family")
LABELS = st.sets(st.sampled_from(("Health", *MATTERS[1:])), max_size=3).map(lambda found: tuple(sorted(found)))
RECIPIENTS = st.sampled_from(("", "doctor", "my landlord", "employer"))
PURPOSES = st.sampled_from(("", "care", "lease"))
RULES = st.builds(
    Rule,
    id=st.uuids().map(str),
    labels=st.lists(st.sampled_from((*MATTERS, UNLABELLED, ANY)), min_size=1, max_size=3).map(tuple),
    recipient=st.sampled_from((ANY, "doctor", "*landlord*")),
    purpose=st.sampled_from((ANY, "care", "l*")),
    flow=st.sampled_from(FLOWS),
)
POLICIES = st.builds(
    Policy, name=st.just("p"), default=st.sampled_from(FLOWS), rules=st.lists(RULES, max_size=5).map(tuple)
)


def strict(policy: Policy, recipient: str, purpose: str, labels: tuple[str, ...]) -> int:
    return severity(policy.norms(recipient, purpose).of(labels))


@given(policy=POLICIES, more=RULES, recipient=RECIPIENTS, purpose=PURPOSES, labels=LABELS)
def test_a_further_rule_that_withholds_never_shows_more(
    policy: Policy, more: Rule, recipient: str, purpose: str, labels: tuple[str, ...]
) -> None:
    stricter = replace(policy, rules=(*policy.rules, replace(more, flow="withhold")))
    assert strict(stricter, recipient, purpose, labels) >= strict(policy, recipient, purpose, labels)


@given(policy=POLICIES, recipient=RECIPIENTS, purpose=PURPOSES, labels=LABELS, more=LABELS)
def test_a_further_label_never_shows_more(
    policy: Policy, recipient: str, purpose: str, labels: tuple[str, ...], more: tuple[str, ...]
) -> None:
    if labels:
        both = tuple(dict.fromkeys((*labels, *more)))
        assert strict(policy, recipient, purpose, both) >= strict(policy, recipient, purpose, labels)


@given(policy=POLICIES, recipient=RECIPIENTS, purpose=PURPOSES, labels=LABELS, seed=st.randoms(use_true_random=False))
def test_the_order_of_rules_does_not_matter(
    policy: Policy, recipient: str, purpose: str, labels: tuple[str, ...], seed: Any
) -> None:
    rules = list(policy.rules)
    seed.shuffle(rules)
    shuffled = replace(policy, rules=tuple(rules))
    assert strict(shuffled, recipient, purpose, labels) == strict(policy, recipient, purpose, labels)
    assert Policy.from_json(shuffled.to_json()) == shuffled


@given(policy=POLICIES, recipient=RECIPIENTS, purpose=PURPOSES, labels=LABELS)
def test_why_names_the_rules_that_decide(policy: Policy, recipient: str, purpose: str, labels: tuple[str, ...]) -> None:
    flow, deciding = policy.why(labels, recipient, purpose)
    assert flow == policy.norms(recipient, purpose).of(labels)
    rules = {rule.id: rule for rule in policy.rules}
    for name in deciding:
        if name != "default":
            assert rules[name].flow == flow
            assert rules[name].matches(recipient, purpose)


GRANTS = st.builds(
    Grant,
    id=st.uuids().map(str),
    to=st.sampled_from(("key:me", "group:us", "key:other")),
    bank=st.sampled_from(("anna", "an*", "ben")),
    role=st.sampled_from(("reader", "editor", "auditor")),
    only=LABELS.map(lambda found: tuple(x.casefold() for x in found)),
    without=LABELS,
    purposes=st.sampled_from(((), ("care",), ("l*",))),
    recipients=st.sampled_from(((), ("doctor",))),
    expires=st.sampled_from((None, instant("2026-01-01"), instant("2027-01-01"))),
)
ASKERS = st.builds(
    Acting, principal=st.just("key:me"), groups=st.sampled_from(((), ("us",))), recipient=RECIPIENTS, purpose=PURPOSES
)


def seen(grants: list[Grant], acting: Acting, labels: tuple[str, ...], right: Right = Right.READ) -> bool:
    wall = wall_of(grants, acting, "anna", right, AT)
    return wall is not None and wall.permits(labels)


@given(grants=st.lists(GRANTS, max_size=4), acting=ASKERS, labels=LABELS)
def test_grants_show_just_what_one_of_them_shows(grants: list[Grant], acting: Acting, labels: tuple[str, ...]) -> None:
    assert seen(grants, acting, labels) == any(seen([grant], acting, labels) for grant in grants)


@given(grant=GRANTS, acting=ASKERS, labels=LABELS, more=LABELS)
def test_a_narrower_grant_never_shows_more(
    grant: Grant, acting: Acting, labels: tuple[str, ...], more: tuple[str, ...]
) -> None:
    narrower = [
        replace(grant, without=(*grant.without, *more)),
        replace(grant, only=grant.only[:1]) if grant.only else replace(grant, only=("work",)),
        replace(grant, purposes=grant.purposes or ("care",)),
        replace(grant, recipients=grant.recipients or ("doctor",)),
        replace(grant, expires=grant.expires or instant("2026-01-01")),
        replace(grant, bank="anna" if grant.bank != "ben" else "ben"),
    ]
    for other in narrower:
        assert seen([other], acting, labels) <= seen([grant], acting, labels)


@given(grants=st.lists(GRANTS, max_size=4), acting=ASKERS, labels=LABELS)
def test_who_takes_a_grant_away_never_shows_more(grants: list[Grant], acting: Acting, labels: tuple[str, ...]) -> None:
    for n in range(len(grants)):
        assert seen(grants[:n] + grants[n + 1 :], acting, labels) <= seen(grants, acting, labels)
