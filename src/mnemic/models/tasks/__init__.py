"""Tasks of language models, one a file: prompt, typed inputs, typed answer, and a rule that answers without a model."""

from mnemic.core.plugins import import_all

# Importing a task registers it; a task is found by being here, so that adding one is adding a file.
import_all(__name__, __path__)
