"""Checks that the log, the rows and every index of a store agree."""

from __future__ import annotations

from mnemic.store.postgres.connections import Session

_LEXICAL = (
    "keys k JOIN units u ON u.bank = k.bank AND u.unit = k.unit AND u.mode LIKE '%l%'"
    " JOIN records r ON r.bank = k.bank AND r.n = k.n AND r.state = 'active' WHERE k.to_seq IS NULL"
)
_QUESTIONS = {
    "banks without their row": "SELECT COUNT(*) FROM banks b FULL JOIN heads h USING (bank)"
    " WHERE b.name IS NULL OR h.seq IS NULL",
    "a bank's seq is not that of its last log entry": "SELECT COUNT(*) FROM heads h LEFT JOIN"
    " (SELECT bank, MAX(seq) AS seq FROM log GROUP BY bank) l USING (bank) WHERE h.seq <> COALESCE(l.seq, 0)",
    "a log with gaps": "SELECT COUNT(*) FROM (SELECT bank FROM log GROUP BY bank"
    " HAVING COUNT(*) <> MAX(seq) OR MIN(seq) <> 1) gaps",
    "rows of no bank": "SELECT COUNT(*) FROM (SELECT bank FROM log UNION SELECT bank FROM records UNION"
    " SELECT bank FROM units UNION SELECT bank FROM keys UNION SELECT bank FROM vectors) rows"
    " LEFT JOIN heads h USING (bank) WHERE h.seq IS NULL",
    "events without their log entry": "SELECT COUNT(*) FROM events e LEFT JOIN log l USING (bank, seq)"
    " WHERE l.kind IS NULL",
    "records without content": "SELECT COUNT(*) FROM records r LEFT JOIN bodies b USING (bank, n) WHERE b.body IS NULL",
    "content without a record": "SELECT COUNT(*) FROM bodies b LEFT JOIN records r USING (bank, n) WHERE r.id IS NULL",
    "keys without a unit": "SELECT COUNT(*) FROM keys k LEFT JOIN units u USING (bank, unit) WHERE u.sha IS NULL",
    "keys without a record": "SELECT COUNT(*) FROM keys k LEFT JOIN records r USING (bank, n) WHERE r.id IS NULL",
    "dense units without a vector": "SELECT COUNT(*) FROM units u JOIN heads h USING (bank)"
    " LEFT JOIN vectors v ON v.bank = u.bank AND v.space = h.space AND v.unit = u.unit"
    " WHERE u.mode LIKE '%d%' AND h.space IS NOT NULL AND v.unit IS NULL",
    "vectors without a sketch": "SELECT COUNT(*) FROM vectors v LEFT JOIN sketches s USING (bank, space, unit)"
    " WHERE s.unit IS NULL",
    "lexical units whose index holds other words": "SELECT COUNT(*) FROM units WHERE cardinality(grams) <>"
    " (SELECT COUNT(DISTINCT word) FROM unnest(string_to_array(NULLIF(terms, ''), ' ')) AS word)",
    "document frequencies that do not count the keys": "SELECT COUNT(*) FROM length_stats s LEFT JOIN"
    f" (SELECT k.bank, k.name, COUNT(*) AS docs, SUM(u.length) AS total FROM {_LEXICAL} GROUP BY 1, 2) c"
    " USING (bank, name) WHERE s.docs <> COALESCE(c.docs, 0) OR s.total <> COALESCE(c.total, 0)",
    "terms whose document frequency is not what the keys hold": "SELECT COUNT(*) FROM (SELECT k.bank, k.name, word,"
    " COUNT(*) AS df FROM (SELECT k.bank, k.name, u.terms FROM"
    f" {_LEXICAL}) k, LATERAL (SELECT DISTINCT unnest(string_to_array(NULLIF(k.terms, ''), ' ')) AS word) w"
    " GROUP BY 1, 2, 3) c FULL JOIN (SELECT bank, name, term AS word, df FROM term_stats) s"
    " USING (bank, name, word) WHERE COALESCE(c.df, 0) <> COALESCE(s.df, 0)",
}


def findings(session: Session) -> list[str]:
    """What is wrong, in words: how tables fit together, over all banks."""
    out = []
    for finding, question in _QUESTIONS.items():
        row = session.row(question.replace("%", "%%"))
        if row and row[0]:
            out.append(f"{row[0]} {finding}")
    return out
