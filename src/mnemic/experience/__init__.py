"""Experience: what is learnt from tasks as they were tried. Importing this package registers its stages."""

from mnemic.experience.credit import Credit
from mnemic.experience.distilled_lessons import DistilledLessons

__all__ = ["Credit", "DistilledLessons"]
