"""The client of the HTTP interface, with the names of the façade: ``connect`` and ``connect_async``.

What a call sends and how its answer is read is worked out without any input or output (``calls.py``, ``bank.py``); the
two transports only send it, wait and send it again.
"""

from __future__ import annotations

from mnemic.client.asynchronous import AsyncRemoteBank, AsyncRemoteMemory, connect_async
from mnemic.client.bank import RemoteBank
from mnemic.client.failures import Busy, Unreachable
from mnemic.client.memory import RemoteMemory, connect
from mnemic.client.shapes import BankInfo, RemotePage

__all__ = [
    "AsyncRemoteBank", "AsyncRemoteMemory", "BankInfo", "Busy", "RemoteBank", "RemoteMemory", "RemotePage",
    "Unreachable", "connect", "connect_async",
]  # fmt: skip
