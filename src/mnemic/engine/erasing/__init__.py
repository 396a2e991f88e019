"""Erasure: the only way in which content leaves a bank; see :mod:`mnemic.engine.erasing.erase`."""
