"""`python -m simulator`, the real command in a process of its own."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from urllib.parse import urlsplit

import pytest

COMMAND = [sys.executable, "-m", "simulator"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=20, check=False
    )


@pytest.mark.process
def test_it_prints_its_addresses_serves_and_ends_on_sigterm() -> None:
    arguments = [
        "--port",
        "0",
        "--token",
        "42:secret",
        "--no-strict-limits",
        "--zone",
        "Asia/Tokyo",
    ]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        assert addresses["bot_token"] == "42:secret"
        with urllib.request.urlopen(
            f"{addresses['telegram_api_url']}/bot42:secret/getMe"
        ) as answer:
            assert json.load(answer)["result"]["id"] == 42
        with urllib.request.urlopen(addresses["clock_url"]) as answer:
            assert json.load(answer)["now"].endswith("Z")
        with urllib.request.urlopen(f"{addresses['control_url']}/bot") as answer:
            assert json.load(answer)["zone"] == "Asia/Tokyo"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


@pytest.mark.process
def test_a_bot_that_waits_for_updates_leaves_no_traceback_at_the_end() -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        where = urlsplit(addresses["telegram_api_url"])
        assert where.hostname is not None
        with socket.create_connection((where.hostname, where.port or 0)) as waiting:
            waiting.sendall(
                f"GET /bot{addresses['bot_token']}/getUpdates?timeout=30 HTTP/1.1\r\n"
                "Host: telegram\r\n\r\n".encode()
            )
            with urllib.request.urlopen(addresses["clock_url"]) as answer:  # after the first
                assert answer.status == 200
            process.send_signal(signal.SIGTERM)
            _, complaints = process.communicate(timeout=10)
    assert process.returncode == 0
    assert complaints == ""


@pytest.mark.process
def test_it_serves_this_machine_only_unless_told_otherwise() -> None:
    refused = run("--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 2
    assert "--expose" in refused.stderr


@pytest.mark.process
def test_a_token_or_a_zone_that_is_none_is_a_usage_error() -> None:
    assert run("--token", "secret").returncode == 2
    refused = run("--zone", "Mars/Olympus")
    assert refused.returncode == 2
    assert "no IANA time zone" in refused.stderr
