"""HTTP calls of a CRM's API, and its JSON records as Arrow tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from pipelines.connect.connection import Connection, Table
from pipelines.connect.dlt_quietly import rest_client
from pipelines.connect.errors import ConnectError, first_line
from pipelines.connect.reader import ROWS_AT_ONCE

if TYPE_CHECKING:
    import pyarrow as pa


class HttpCaller:
    """Calls an API by dlt's REST client, which waits after 429 and repeats after 5xx and lost connections."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.secrets = connection.secret_values()
        self.hidden = list(self.secrets.values())
        self._client = rest_client(connection.url)

    def call(self, table: Table, method: Any, path: str, **arguments: Any) -> tuple[int, Any]:
        """Return the status and the JSON of an answer, None without JSON. Raises ConnectError if none arrives."""
        from requests import RequestException

        try:
            response = self._client.request(path, method, **arguments)
            return response.status_code, response.json() if response.content else None
        except RequestException as error:
            # The class only: a message can quote the address with its parameters.
            reason = f"{self.connection.url} does not answer in full ({type(error).__name__})"
            raise self._error(table, f"{reason}. Earlier pulls stay; pull again") from None

    def refused(self, table: Table, status: int, answer: Any, names: Sequence[str]) -> ConnectError:
        """Return the error of an answer that is none: its status and these keys of it."""
        given = answer if isinstance(answer, dict) else {}
        said = ", ".join(f"{name} {given[name]}" for name in names if name in given)
        reason = first_line(Exception(f"HTTP {status}{said and f', {said}'}"), self.hidden)
        hint = "too many requests: pull later" if status == 429 else "correct the connection and pull again"
        return self._error(table, f"the API refuses: {reason}. Earlier pulls stay; {hint}")

    def _error(self, table: Table, reason: str) -> ConnectError:
        return ConnectError(reason, file=self.connection.file.name, line=table.line, field=f"tables.{table.name}")


def times_of(table: Table, *endings: str) -> frozenset[str]:
    """The fields that are times by their name, and the cursor."""
    return frozenset(name for name in table.fields if name.endswith(endings)) | {table.cursor or ""}


def to_arrow(rows: Iterable[dict[str, Any]], fields: Sequence[str], times: frozenset[str]) -> Iterator[pa.Table]:
    """Yield records as tables of text, with times in UTC. A field `Owner.id` is the id of the object `Owner`."""
    import pyarrow as pa

    source = iter(rows)
    while part := list(islice(source, ROWS_AT_ONCE)):
        columns = {}
        for name in fields:
            values = [_value(row, name) for row in part]
            if name in times:
                columns[name] = pa.array([_time(value) for value in values], pa.timestamp("us", "UTC"))
            else:
                columns[name] = pa.array([_text(value) for value in values], pa.string())
        yield pa.table(columns)


def _value(row: dict[str, Any], name: str) -> Any:
    if name in row:
        return row[name]
    outer, _, inner = name.partition(".")
    found = row.get(outer)
    return found.get(inner) if isinstance(found, dict) else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, (str, int)) for item in value):
        return ",".join(map(str, value)) or None
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, (dict, list)) else str(value)


def _time(value: Any) -> datetime | None:
    """Read ISO with its offset, or epoch milliseconds."""
    if value is None or value == "":
        return None
    if isinstance(value, int) or (isinstance(value, str) and value.lstrip("-").isdigit()):
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    found = datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
