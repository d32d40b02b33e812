"""Tidings for Python agents: one file, the standard library, Python 3.9 or later. Copy it beside your agent.

    from tidings_client import Tidings

    with Tidings(agent="billing") as tidings:          # http://127.0.0.1:7171, or TIDINGS_URL and TIDINGS_KEY
        tidings.emit("tool.error", {"tool": "search", "error": "timed out"})
        tidings.notify("The invoice run is done", channels=["inbox"])

`emit` never raises and never waits: a thread sends batches, and sends them again under the same ids until the daemon has answered for
them, so that nothing is lost while the daemon restarts and nothing is counted twice. What did not fit into the queue is counted in
`dropped`, what the daemon refused for good in `refused`.
"""

from __future__ import annotations

import argparse
import atexit
import http.client
import json
import os
import random
import sys
import threading
import time
import uuid
import weakref
from collections import deque
from typing import Any, Deque, Dict, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import quote, urlsplit

__all__ = ["Tidings", "TidingsError"]

BATCH = 100  # events a request
BATCH_BYTES = 3 * 1024 * 1024  # the daemon takes 4 MiB
ITEM_BYTES = 256 * 1024  # the longest event that the daemon takes
TIMEOUT = 15.0  # seconds that an answer may take
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0  # seconds between two tries

_clients: "weakref.WeakSet[Tidings]" = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: [client._after_fork() for client in list(_clients)])


class TidingsError(Exception):
    """The daemon refused, or did not answer. `status` is 0 where there was no answer."""

    def __init__(self, message: str, status: int = 0, retry_after: Optional[float] = None) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after


class Tidings:
    """A client of one daemon for one agent. Use one for the whole process: it may be called from any thread."""

    def __init__(
        self,
        url: Optional[str] = None,
        key: Optional[str] = None,
        agent: Optional[str] = None,
        *,
        session: Optional[str] = None,
        queue_size: int = 10_000,
        close_timeout: float = 5.0,
    ) -> None:
        parts = urlsplit(url or os.environ.get("TIDINGS_URL") or "http://127.0.0.1:7171")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("a daemon's address looks like http://127.0.0.1:7171")
        self._https, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._prefix = parts.path.rstrip("/")
        self._key = (key if key is not None else os.environ.get("TIDINGS_KEY") or "").strip()
        if not (self._key.isascii() and self._key.isprintable()):
            raise ValueError("the key of the daemon is none")  # without it: whoever reads the log need not know it
        self.agent, self.session = agent, session
        self.dropped, self.refused = 0, 0
        self.last_error: Optional[str] = None
        self._queue: Deque[Tuple[str, bytes]] = deque()
        self._size = max(1, queue_size)
        self._close_timeout = close_timeout
        self._changed = threading.Condition()
        self._sending, self._closed = 0, False
        self._thread: Optional[threading.Thread] = None
        _clients.add(self)
        atexit.register(self.close)

    # What an agent says.

    def emit(self, event_type: str, data: Optional[Mapping[str, Any]] = None, **fields: Optional[str]) -> Optional[str]:
        """Queues an event; its id, or None if it was dropped. Never raises, never waits.

        `fields` are severity, agent, user, session and event_id.
        """
        try:
            event = self._event(event_type, data, **fields)
            text = _to_json(event)
            if len(text) > ITEM_BYTES:
                raise ValueError(f"the event has {len(text)} bytes, and may have {ITEM_BYTES}")
            return event["id"] if self._push(event["id"], text) else None
        except Exception as error:  # an agent does not fail for what it wanted to tell
            with self._changed:
                self.dropped += 1
                self.last_error = str(error)
            return None

    def emit_and_wait(self, event_type: str, data: Optional[Mapping[str, Any]] = None, **fields: Optional[str]) -> Dict[str, Any]:
        """Sends one event and waits until it is stored: {"id", "duplicate"}. Raises TidingsError."""
        event = self._event(event_type, data, **fields)
        answer = self._ask("POST", "/v1/events", _to_json(event))["results"][0]
        if "error" in answer:
            raise TidingsError(answer["error"], int(answer.get("status", 400)))
        return answer

    def notify(self, title: str, body: str = "", *, priority: Optional[str] = None, channels: Optional[Sequence[str]] = None,
               users: Optional[Sequence[str]] = None, dedup_key: Optional[str] = None) -> List[Dict[str, Any]]:
        """Tells people something, by the names of users and channels: what became of it for each. Raises TidingsError."""
        fields = {"title": title, "body": body, "priority": priority, "channels": _listed(channels)}
        fields.update({"users": _listed(users), "agent": self.agent, "dedup_key": dedup_key})
        return self._ask("POST", "/v1/notifications", _to_json(_filled(fields)))["told"]

    def explain(self, an_id: str) -> Dict[str, Any]:
        """What became of an event, a notification or a delivery. Raises TidingsError."""
        return self._ask("GET", f"/v1/explain/{quote(an_id, safe='')}")

    def flush(self, timeout: float = 10.0) -> bool:
        """Waits until all that was emitted is stored; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._sending, timeout)

    def close(self, timeout: Optional[float] = None) -> bool:
        """Sends what waits, for so long at most, and ends. What is left counts as dropped. Whether nothing was."""
        is_sent = self.flush(self._close_timeout if timeout is None else timeout)
        with self._changed:
            self.dropped += len(self._queue)
            self._queue.clear()
            self._closed = True
            self._changed.notify_all()
        atexit.unregister(self.close)
        return is_sent

    def __enter__(self) -> "Tidings":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:  # without the key
        return f"Tidings({self._host!r}, agent={self.agent!r}, waiting={len(self._queue)}, dropped={self.dropped})"

    # How it gets there.

    def _event(self, event_type: str, data: Any, severity: Optional[str] = None, agent: Optional[str] = None,
               user: Optional[str] = None, session: Optional[str] = None, event_id: Optional[str] = None) -> Dict[str, Any]:
        fields = {"event_type": event_type, "severity": severity, "timestamp": time.time(), "data": dict(data or {})}
        fields.update({"agent_id": agent or self.agent, "user_id": user, "session_id": session or self.session})
        # The same id is the same event: without one, sending again could count twice.
        return {**_filled(fields), "id": event_id or str(uuid.uuid4())}

    def _push(self, an_id: str, text: bytes) -> bool:
        with self._changed:
            if self._closed or len(self._queue) >= self._size:
                self.dropped += 1
                return False
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="tidings", daemon=True)
                thread.start()  # it may find no room for a thread: then nothing is queued
                self._thread = thread
            self._queue.append((an_id, text))
            self._changed.notify_all()
            return True

    def _after_fork(self) -> None:
        """In the child: the thread stayed behind, and so does what it had, and a lock that somebody held."""
        self._changed = threading.Condition()
        self._thread, self._sending = None, 0
        self._queue.clear()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closed)
                if not self._queue:
                    return
                batch = self._next_batch()
                self._sending = len(batch)
            left, wait = self._send(batch)
            pause = FIRST_PAUSE if len(left) < len(batch) else min(pause * 2, LONGEST_PAUSE)
            with self._changed:
                if self._closed:
                    self.dropped += len(left)
                    left = []
                # In front again, and in order.
                self._queue.extendleft(reversed(left))
                self._sending = 0
                self._changed.notify_all()
                if left:
                    wait = pause * random.uniform(0.5, 1.0) if wait is None else min(wait, 900.0)
                    self._changed.wait_for(lambda: self._closed, wait)

    def _next_batch(self) -> List[Tuple[str, bytes]]:
        batch: List[Tuple[str, bytes]] = []
        size = 0
        while self._queue and len(batch) < BATCH and (not batch or size + len(self._queue[0][1]) < BATCH_BYTES):
            batch.append(self._queue.popleft())
            size += len(batch[-1][1]) + 1
        return batch

    def _send(self, batch: List[Tuple[str, bytes]]) -> Tuple[List[Tuple[str, bytes]], Optional[float]]:
        """Sends a batch: what has to be sent again, and how long to wait where the daemon said so."""
        try:
            texts = [text for _, text in batch]
            answer = self._ask("POST", "/v1/events", texts[0] if len(texts) == 1 else b"[" + b",".join(texts) + b"]")
            results = [dict(result) for result in answer["results"]]
            if len(results) != len(batch):
                raise TidingsError("the daemon did not answer for every event")
        except Exception as error:
            self.last_error = str(error)
            if not _is_final(getattr(error, "status", 0)):
                return batch, getattr(error, "retry_after", None)
            if len(batch) > 1:  # one of them may spoil it for the others
                halves = [self._send(half) for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :])]
                return halves[0][0] + halves[1][0], halves[0][1] or halves[1][1]
            results = [{"error": str(error), "status": getattr(error, "status", 0)}]
        again = []
        for item, result in zip(batch, results):
            if "error" in result:
                self.last_error, status = str(result["error"]), result.get("status")
                if _is_final(status if isinstance(status, int) else 400):
                    self.refused += 1
                else:
                    again.append(item)
        return again, None

    def _ask(self, method: str, path: str, body: Optional[bytes] = None) -> Any:
        kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=TIMEOUT)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            connection.request(method, self._prefix + path, body, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise TidingsError(f"the daemon does not answer: {error}") from None
        finally:
            connection.close()
        if response.status >= 300:
            raise TidingsError(_reason(text, response.status), response.status, _seconds(response.getheader("Retry-After")))
        try:
            return json.loads(text)
        except ValueError:
            raise TidingsError("the daemon's answer is not JSON") from None


def _is_final(status: int) -> bool:
    """Whether the same would be refused again."""
    return 400 <= status < 500 and status not in (401, 408, 425, 429)


def _to_json(value: Any) -> bytes:
    return json.dumps(value, default=str, allow_nan=False, separators=(",", ":")).encode()


def _listed(names: Optional[Sequence[str]]) -> Optional[List[str]]:
    return [names] if isinstance(names, str) else list(names) if names else None


def _filled(fields: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _seconds(header: Optional[str]) -> Optional[float]:
    return float(header) if header and header.strip().isdigit() else None


def _reason(text: bytes, status: int) -> str:
    try:
        return f"{json.loads(text)['detail']} ({status})"
    except (ValueError, KeyError, TypeError):
        return f"the daemon refused with {status}"


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="tidings_client.py", epilog="TIDINGS_URL and TIDINGS_KEY say where and who.")
    emit = parser.add_subparsers(dest="verb", required=True).add_parser("emit", help="send one event, wait until it is stored")
    emit.add_argument("event_type", metavar="TYPE")
    for option in ("data", "severity", "agent", "user", "session"):
        emit.add_argument(f"--{option}", metavar="JSON" if option == "data" else None)
    given = vars(parser.parse_args(arguments))
    fields = {name: given[name] for name in ("severity", "agent", "user", "session")}
    try:
        print(json.dumps(Tidings().emit_and_wait(given["event_type"], json.loads(given["data"] or "{}"), **fields)))
    except (TidingsError, TypeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1 if isinstance(error, TidingsError) else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
