"""The command line: the façade's verbs for a terminal and for scripts, one group of commands a file."""
