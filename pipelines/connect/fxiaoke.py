"""Reads objects of 纷享销客 (Fxiaoke) with dlt's REST client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipelines.connect.connection import Connection, Table
from pipelines.connect.records import HttpCaller, times_of, to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = 100
QUERY = "/cgi/crm/v2/data/query"
TOKEN = "/cgi/corpAccessToken/get/V2"


class FxiaokeReader:
    """纷享销客, one POST for all objects. An error comes as `errorCode` within HTTP 200."""

    keys_at_once = PAGE
    is_snapshot = False

    def __init__(self, connection: Connection) -> None:
        self.http = HttpCaller(connection)
        self._access: dict[str, str] | None = None

    def columns(self, table: Table) -> list[str]:
        return list(table.fields)

    def changed(self, table: Table, since: Any | None) -> Iterator[pa.Table]:
        filters = []
        if isinstance(since, datetime):
            filters = [_filter(table.cursor or "", "GTE", [str(int(since.timestamp() * 1000))])]
        yield from self._query(table, filters, table.fields)

    def keys(self, table: Table) -> Iterator[pa.Table]:
        names = [*table.key, *([table.cursor] if table.cursor else [])]
        return self._query(table, [], tuple(names))

    def by_keys(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> Iterator[pa.Table]:
        yield from self._query(table, [_filter(table.key[0], "IN", [str(key[0]) for key in keys])], table.fields)

    def deleted(self, table: Table, since: Any | None) -> Iterator[pa.Table]:
        raise NotImplementedError("keys are listed")

    def _query(self, table: Table, filters: list[dict[str, Any]], fields: Sequence[str]) -> Iterator[pa.Table]:
        times = times_of(table, "_time", "_date")
        yield from to_arrow(self._records(table, filters, fields), fields, times)

    def _records(self, table: Table, filters: list[dict[str, Any]], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield the records of all pages, by id: an id never moves, so a change during the pull moves no record."""
        offset = 0
        names = list(dict.fromkeys(name.partition(".")[0] for name in fields))
        while True:
            info = {
                "offset": offset,
                "limit": PAGE,
                "filters": filters,
                "orders": [{"fieldName": table.key[0], "isAsc": True}],
                "fieldProjection": names,
            }
            data = self._post(table, {"dataObjectApiName": table.remote, "search_query_info": info})
            yield from data
            if len(data) < PAGE:
                return
            offset += len(data)

    def _post(self, table: Table, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the records of one page. Gets a new token and asks once more after the first refusal."""
        for is_last in (False, True):
            access = self._access or self._refresh(table)
            body = {**access, "currentOpenUserId": self.http.connection.user, "data": data}
            status, answer = self.http.call(table, "POST", QUERY, json=body)
            code = answer.get("errorCode", -1) if isinstance(answer, dict) else -1
            if (status == 401 or code != 0) and not is_last:
                self._access = None
                continue
            break
        rows = (answer.get("data") or {}).get("dataList") if isinstance(answer, dict) else None
        if status != 200 or code != 0 or not isinstance(rows, list):
            raise self.http.refused(table, status, answer, ("errorCode", "errorMessage"))
        return rows

    def _refresh(self, table: Table) -> dict[str, str]:
        secrets = self.http.secrets
        body = {
            "appId": secrets["app_id"],
            "appSecret": secrets["app_secret"],
            "permanentCode": secrets["permanent_code"],
        }
        status, answer = self.http.call(table, "POST", TOKEN, json=body)
        if status != 200 or not isinstance(answer, dict) or answer.get("errorCode") or "corpAccessToken" not in answer:
            raise self.http.refused(table, status, answer, ("errorCode", "errorMessage"))
        self._access = {name: str(answer.get(name, "")) for name in ("corpAccessToken", "corpId")}
        self.http.hidden += self._access.values()
        return self._access


def _filter(field: str, operator: str, values: list[str]) -> dict[str, Any]:
    return {"field_name": field, "field_values": values, "operator": operator}
