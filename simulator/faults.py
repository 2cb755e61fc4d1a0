"""Faults that a test or a trainer switches on while everything runs.

A rule names the methods and perhaps a chat it concerns, what goes wrong, and how often: for a count
of requests, or by chance from a seeded source so that a run can be repeated. Before delivery
nothing happened in the chat; after delivery the message is there and only the bot does not know.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from simulator.errors import ApiError, Refused, too_many_requests

Json = dict[str, Any]

KINDS = {
    "server_error": "5xx (`status`, default 502) before delivery, or after with `after_delivery`",
    "too_many_requests": "429 with `retry_after` seconds (default 5)",
    "error": "any refusal: `error_code` and `description`",
    "slow": "a pause of `delay_s` before the request is looked at",
    "slow_answer": "delivered at once, answered after `delay_s`",
    "reset_before": "the connection is reset, nothing was delivered",
    "reset_after": "delivered, then the connection is reset without an answer",
    "undecodable": "delivered, answered with 200 and a page that is no JSON",
}
_TEXTS = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(slots=True)
class Fault:
    fault_id: int
    kind: str
    method: str = "*"
    chat_id: int | None = None
    count: int | None = None
    probability: float = 1.0
    seed: int = 0
    status: int = 502
    retry_after: int = 5
    delay_s: float = 1.0
    error_code: int = 400
    description: str = "Bad Request"
    after_delivery: bool = False
    hits: int = 0
    chance: random.Random = field(default_factory=random.Random)

    def strikes(self, method: str, chat_id: str) -> bool:
        """Whether this request is hit; counts it if so."""
        if self.count is not None and self.hits >= self.count:
            return False
        if not fnmatchcase(method.lower(), self.method.lower()):
            return False
        if self.chat_id is not None and str(self.chat_id) != chat_id:
            return False
        if self.probability < 1 and self.chance.random() >= self.probability:
            return False
        self.hits += 1
        return True

    @property
    def delivers(self) -> bool:
        """Whether the request takes effect although the bot does not hear so."""
        return self.kind in ("slow", "slow_answer", "reset_after", "undecodable") or (
            self.kind == "server_error" and self.after_delivery
        )

    def refusal(self) -> ApiError | None:
        """The error answered in place of the method's own answer."""
        if self.kind == "server_error":
            return ApiError(self.status, _TEXTS.get(self.status, "Internal Server Error"))
        if self.kind == "too_many_requests":
            return too_many_requests(self.retry_after)
        if self.kind == "error":
            return ApiError(self.error_code, self.description)
        return None

    def as_json(self) -> Json:
        return {
            "id": self.fault_id,
            "kind": self.kind,
            "method": self.method,
            "chat_id": self.chat_id,
            "count": self.count,
            "probability": self.probability,
            "seed": self.seed,
            "status": self.status,
            "retry_after": self.retry_after,
            "delay_s": self.delay_s,
            "error_code": self.error_code,
            "description": self.description,
            "after_delivery": self.after_delivery,
            "hits": self.hits,
            "spent": self.count is not None and self.hits >= self.count,
        }


class Faults:
    def __init__(self) -> None:
        self._rules: dict[int, Fault] = {}
        self._next_id = 1

    def add(self, rule: Any) -> Fault:
        """Switch a rule on; raises `Refused` for one that cannot be meant."""
        fault = _read(rule, self._next_id)
        self._next_id += 1
        self._rules[fault.fault_id] = fault
        return fault

    def remove(self, fault_id: int | None = None) -> None:
        """Switch one rule off, or all."""
        if fault_id is None:
            self._rules.clear()
        elif self._rules.pop(fault_id, None) is None:
            raise Refused(f"there is no fault {fault_id}", status=404)

    def all(self) -> list[Fault]:
        return list(self._rules.values())

    def strike(self, method: str, chat_id: str) -> Fault | None:
        """The first rule that hits this request."""
        for fault in self._rules.values():
            if fault.strikes(method, chat_id):
                return fault
        return None


_TYPES: dict[str, type | tuple[type, ...]] = {
    "kind": str,
    "method": str,
    "chat_id": int,
    "count": int,
    "probability": (int, float),
    "seed": int,
    "status": int,
    "retry_after": int,
    "delay_s": (int, float),
    "error_code": int,
    "description": str,
    "after_delivery": bool,
}


def _read(rule: Any, fault_id: int) -> Fault:
    if not isinstance(rule, dict):
        raise Refused("a fault is an object with a kind")
    given = {key: value for key, value in rule.items() if value is not None}
    for key, value in given.items():
        if key not in _TYPES:
            raise Refused(f"a fault has no {key!r}; it has {', '.join(_TYPES)}")
        if not isinstance(value, _TYPES[key]) or (
            isinstance(value, bool) and _TYPES[key] is not bool
        ):
            raise Refused(f"{key} of a fault cannot be {value!r}")
    fault = Fault(fault_id, **{"kind": "", **given})
    if fault.kind not in KINDS:
        raise Refused(f"kind must be one of {', '.join(KINDS)}")
    if not 0 <= fault.probability <= 1:
        raise Refused("probability is between 0 and 1")
    if fault.kind == "server_error" and not 500 <= fault.status <= 599:
        raise Refused("status of a server_error is between 500 and 599")
    if min(fault.delay_s, fault.retry_after, fault.count or 0) < 0:
        raise Refused("delay_s, retry_after and count cannot be negative")
    fault.chance = random.Random(fault.seed)
    return fault
