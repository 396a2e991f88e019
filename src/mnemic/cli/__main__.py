"""``python -m mnemic.cli``: the command line where its script is not on the path."""

from mnemic.cli.app import main

main()
