"""The receivers of alerts, and a home that sends to them."""

from __future__ import annotations

from collections.abc import Generator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
import urllib3.util.connection
from aiosmtpd.controller import Controller

from tests.integration.alerts.receivers import HOSTS, Receiver, serve, write_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    write_certificate(file)
    return file


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> Generator[Receiver]:
    """A server that stands for all hosts of the channels; connections to other hosts fail as in a wrong name."""
    server, received = serve(certificate)
    connect = urllib3.util.connection.create_connection

    def to_receiver(address, *arguments, **options):
        if address[0] not in HOSTS:
            raise OSError(f"no such host: {address[0]}")
        return connect(("127.0.0.1", received.port), *arguments, **options)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", to_receiver)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    yield received
    received.released.set()
    server.shutdown()
    server.server_close()


class Mailbox:
    """A handler of aiosmtpd that keeps the messages."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the name of aiosmtpd
        self.messages.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"


class AnyPort(Controller):
    """A server on a free port: aiosmtpd connects to the port that it was given, also to 0."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox() -> Generator[tuple[Mailbox, str]]:
    """A mailbox and the address of its channel."""
    box = Mailbox()
    controller = AnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    yield box, f"mailto://127.0.0.1:{controller.port}?from=tierhouse@example.com&to=ops@example.com,sales@example.com"
    controller.stop()
