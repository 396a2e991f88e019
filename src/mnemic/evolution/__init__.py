"""Evolution: keeps records true as more becomes known. Importing this package registers its stages."""

from mnemic.core.plugins import import_all

# Importing a stage registers it; a stage is found by being here, so that adding one is adding a file.
import_all(__name__, __path__)
