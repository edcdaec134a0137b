"""Stand-ins for dbt's cross-engine macros, so that sqlfluff can render a model without a warehouse."""

from __future__ import annotations


def datediff(first_date: str, second_date: str, datepart: str) -> str:
    return f"date_diff('{datepart}', {first_date}, {second_date})"


def dateadd(datepart: str, interval: str | int, from_date: str) -> str:
    return f"date_add({from_date}, interval ({interval}) {datepart})"


def date_trunc(datepart: str, date: str) -> str:
    return f"date_trunc('{datepart}', {date})"


def listagg(measure: str, delimiter: str, order_by: str) -> str:
    return f"list_aggr(array_agg({measure} {order_by}), 'string_agg', {delimiter})"


def generate_series(upper_bound: int) -> str:
    return f"select generated_number from range(1, {upper_bound} + 1) as series (generated_number)"


def safe_cast(field: str, cast_type: str) -> str:
    return f"try_cast({field} as {cast_type})"
