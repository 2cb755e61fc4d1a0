"""/healthz: the process lives; /readyz: it does its job; /metrics: figures for Prometheus."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bot.clock import Clock
from bot.errors import NotAvailable
from bot.health import Health
from bot.services import readiness
from storage.engine import Storage
from storage.errors import StorageUnavailable


def routes(storage: Storage, clock: Clock, health: Health) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        return "alive"

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        body: dict[str, Any] = {"ready": False, "next_due_at": None}
        try:
            now = await clock.now()
            async with storage.reading() as tx:
                due = await readiness.next_due_at(tx, now)
            body["next_due_at"] = due.isoformat().replace("+00:00", "Z") if due else None
            faults = health.faults()
        except (StorageUnavailable, NotAvailable) as error:
            faults = {"database": str(error)}
        body |= {"ready": not faults, "faults": faults}
        return JSONResponse(body, status_code=503 if faults else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        async with storage.reading() as tx:
            traffic = await readiness.traffic(tx)
        registry = CollectorRegistry()
        _gauge(registry, "inbox_updates", "Updates by status", "status", traffic.inbox)
        _gauge(registry, "outbox_messages", "Messages by status", "status", traffic.outbox)
        faults = dict.fromkeys(health.faults(), 1)
        _gauge(registry, "alarms", "Alarms raised since the start", "name", health.alarms)
        _gauge(registry, "fault", "1 while this keeps the process from its job", "name", faults)
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")

    return router


def _gauge(
    registry: CollectorRegistry, name: str, meaning: str, label: str, values: Mapping[str, int]
) -> None:
    gauge = Gauge(f"remindful_{name}", meaning, [label], registry=registry)
    for value, count in values.items():
        gauge.labels(value).set(count)
