from mnemic.bench.suite import Suite


def load_lives(size: str) -> Suite: ...
