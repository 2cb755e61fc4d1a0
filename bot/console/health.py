"""/healthz: the process lives; /readyz: it does its job; /metrics: figures for Prometheus."""

from collections.abc import Mapping

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
        due, faults = None, health.faults()
        try:
            now = await clock.now()
            async with storage.reading() as tx:
                due = await readiness.next_due_at(tx, now)
        except (StorageUnavailable, NotAvailable) as error:
            faults |= _away(error)
        body = {
            "ready": not faults,
            "next_due_at": due.isoformat().replace("+00:00", "Z") if due else None,
            "faults": faults,
            "warnings": health.warnings(),
        }
        return JSONResponse(body, status_code=503 if faults else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        registry, faults = CollectorRegistry(), health.faults()
        try:
            async with storage.reading() as tx:
                traffic = await readiness.traffic(tx)
        except StorageUnavailable as error:
            faults |= _away(error)
        else:
            _gauge(registry, "inbox_updates", "Updates by status", "status", traffic.inbox)
            _gauge(registry, "outbox_messages", "Messages by status", "status", traffic.outbox)
        _gauge(registry, "alarms", "Alarms raised since the start", "name", health.alarms)
        _gauge(
            registry,
            "fault",
            "1 while this keeps the process from its job",
            "name",
            dict.fromkeys(faults, 1),
        )
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")

    return router


def _away(error: StorageUnavailable | NotAvailable) -> dict[str, str]:
    return {"database" if isinstance(error, StorageUnavailable) else "clock": str(error)}


def _gauge(
    registry: CollectorRegistry, name: str, meaning: str, label: str, values: Mapping[str, int]
) -> None:
    gauge = Gauge(f"remindful_{name}", meaning, [label], registry=registry)
    for value, count in values.items():
        gauge.labels(value).set(count)
