"""Reads modules of Zoho CRM (API v8) with dlt's REST client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipelines.connect.connection import Connection, Table
from pipelines.connect.errors import ConnectError
from pipelines.connect.records import HttpCaller, times_of, to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = 200


class ZohoReader:
    """Zoho CRM, through a refresh token. Deleted records come from the list of deleted records."""

    keys_at_once = 100
    is_snapshot = False

    def __init__(self, connection: Connection) -> None:
        self.http = HttpCaller(connection)
        self._token: str | None = None

    def columns(self, table: Table) -> list[str]:
        return list(table.fields)

    def changed(self, table: Table, since: Any | None) -> Iterator[pa.Table]:
        fields = ",".join(dict.fromkeys(name.partition(".")[0] for name in table.fields))
        params = {"fields": fields, "per_page": PAGE, "converted": "both"}
        rows = self._records(table, f"/crm/v8/{table.remote}", params, since)
        yield from to_arrow(self._complete(table, rows), table.fields, times_of(table, "_Time"))

    def keys(self, table: Table) -> None:  # noqa: ARG002
        return None

    def by_keys(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> Iterator[pa.Table]:
        raise NotImplementedError("Zoho lists deleted records")

    def deleted(self, table: Table, since: Any | None) -> Iterator[pa.Table]:
        rows = self._records(table, f"/crm/v8/{table.remote}/deleted", {"type": "all", "per_page": PAGE}, since)
        yield from to_arrow(rows, table.key, frozenset())

    def _records(self, table: Table, path: str, params: dict[str, Any], since: Any | None) -> Iterator[dict[str, Any]]:
        """Yield the records of all pages. A page follows by its token, in a list without tokens by its number."""
        headers = {"If-Modified-Since": since.isoformat(timespec="seconds")} if isinstance(since, datetime) else {}
        page = 1
        while True:
            answer = self._get(table, path, params, headers)
            if answer is None:
                return
            yield from answer["data"]
            info = answer.get("info") or {}
            if not info.get("more_records"):
                return
            page += 1
            token = info.get("next_page_token")
            params = {**params, **({"page_token": token} if token else {"page": page})}

    def _get(self, table: Table, path: str, params: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
        """Return an answer, or None without content (204, 304). Gets a new token once after 401."""
        for is_last in (False, True):
            token = self._token or self._refresh(table)
            authorised = {**headers, "Authorization": f"Zoho-oauthtoken {token}"}
            status, answer = self.http.call(table, "GET", path, params=params, headers=authorised)
            if status == 401 and not is_last:
                self._token = None
                continue
            break
        if status in (204, 304):
            return None
        if status != 200 or not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            raise self.http.refused(table, status, answer, ("code", "message"))
        return answer

    def _refresh(self, table: Table) -> str:
        secrets = self.http.secrets
        url = f"{self.http.connection.accounts_url.rstrip('/')}/oauth/v2/token"
        data = {"grant_type": "refresh_token", **secrets}
        status, answer = self.http.call(table, "POST", url, data=data)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if status != 200 or not token:
            # Zoho answers 200 with `error` for a wrong refresh token.
            raise self.http.refused(table, status, answer, ("error",))
        self._token = str(token)
        self.http.hidden.append(self._token)
        return self._token

    def _complete(self, table: Table, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Zoho sends null for an empty field: a field that is missing does not exist."""
        for number, row in enumerate(rows):
            if number == 0:
                gone = [name for name in table.fields if name not in row and name.partition(".")[0] not in row]
                if gone:
                    reason = f"field {gone[0]!r} is not in Zoho's answer: correct `fields` by the module's API names"
                    raise ConnectError(
                        reason, file=self.http.connection.file.name, line=table.line, field=f"tables.{table.name}"
                    )
            yield row
