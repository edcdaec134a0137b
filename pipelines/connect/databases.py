"""Reads tables of a database with dlt's `sql_table`, through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipelines.connect.connection import Connection, Table
from pipelines.connect.dlt_quietly import quiet_dlt
from pipelines.connect.errors import ConnectError, first_line

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy as sa

DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
CHUNK_ROWS = 50_000


class DatabaseReader:
    """A database that SQLAlchemy can reach."""

    keys_at_once = 500
    is_snapshot = True

    def __init__(self, connection: Connection) -> None:
        quiet_dlt()
        import sqlalchemy as sa

        self.connection = connection
        self.secrets = connection.secret_values()
        with self._errors(None):
            url = sa.make_url(connection.url)
            url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
            if "password" in self.secrets:
                url = url.set(password=self.secrets["password"])
            self.engine = sa.create_engine(url, hide_parameters=True, poolclass=sa.pool.NullPool)
        self._tables: dict[str, sa.Table] = {}

    def columns(self, table: Table) -> list[str]:
        names = [column.name for column in self._reflected(table).columns]
        return [name for name in names if name not in table.without]

    def changed(self, table: Table, since: Any | None) -> Iterator[pa.Table]:
        def narrow(query: Any, columns: Any) -> Any:
            return query if since is None else query.where(columns[table.cursor] >= since)

        yield from self._select(table, narrow)

    def keys(self, table: Table) -> Iterator[pa.Table] | None:
        names = [*table.key, *([table.cursor] if table.cursor else [])]
        return self._select(table, lambda query, _: query, tuple(dict.fromkeys(names)))

    def by_keys(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> Iterator[pa.Table]:
        import sqlalchemy as sa

        def narrow(query: Any, columns: Any) -> Any:
            if len(table.key) == 1:
                return query.where(columns[table.key[0]].in_([key[0] for key in keys]))
            pairs = (zip(table.key, key, strict=True) for key in keys)
            return query.where(sa.or_(*(sa.and_(*(columns[name] == value for name, value in pair)) for pair in pairs)))

        yield from self._select(table, narrow)

    def deleted(self, table: Table, since: Any | None) -> Iterator[pa.Table]:
        raise NotImplementedError("a database lists its keys")

    def _reflected(self, table: Table) -> sa.Table:
        import sqlalchemy as sa

        if table.name not in self._tables:
            schema, _, name = table.remote.rpartition(".")
            with self._errors(table):
                self._tables[table.name] = sa.Table(
                    name, sa.MetaData(), schema=schema or None, autoload_with=self.engine, resolve_fks=False
                )
        found = self._tables[table.name]
        for name in (*table.key, *([table.cursor] if table.cursor else [])):
            if name not in found.columns:
                names = ", ".join(column.name for column in found.columns)
                reason = f"expected a column {name!r}, the table has {names}; correct key and cursor, or the table"
                raise self._error(table, reason)
        return found

    def _select(self, table: Table, narrow: Callable[[Any, Any], Any], only: Sequence[str] = ()) -> Iterator[pa.Table]:
        import sqlalchemy as sa
        from dlt.sources.sql_database import sql_table

        # A copy: dlt removes the columns that it leaves out from the table that it is given.
        reflected = self._reflected(table).to_metadata(sa.MetaData(schema=self._reflected(table).schema))
        names = list(only) or self.columns(table)
        with self._errors(table):
            yield from sql_table(
                credentials=self.engine,
                table=reflected.name,
                schema=reflected.schema,
                metadata=reflected.metadata,
                backend="pyarrow",
                chunk_size=CHUNK_ROWS,
                included_columns=names,
                reflection_level="full_with_precision",
                query_adapter_callback=lambda query, shown: narrow(query, shown.columns),
            )

    @contextmanager
    def _errors(self, table: Table | None) -> Generator[None]:
        """Turn errors of drivers and of dlt into one line. An error of values is named by its class only."""
        from dlt.common.exceptions import DltException
        from sqlalchemy import exc

        try:
            yield
        except (exc.SQLAlchemyError, DltException, ImportError) as error:
            cause: BaseException | None = error
            while cause is not None and not isinstance(cause, (exc.SQLAlchemyError, ImportError)):
                cause = cause.__cause__ or cause.__context__
            cause = cause or error
            origin = getattr(cause, "orig", None) or cause
            if isinstance(cause, exc.NoSuchTableError):
                reason = f"expected a table {table.remote if table else ''!r} in the database, found none"
            elif isinstance(cause, (exc.DataError, exc.IntegrityError, DltException)):
                reason = f"a value cannot be read ({type(origin).__name__})"
            else:
                reason = f"the database refuses: {first_line(origin, self.secrets.values())}"
            raise self._error(table, f"{reason}. Earlier pulls stay; correct it and pull again") from None

    def _error(self, table: Table | None, reason: str) -> ConnectError:
        line, field = (table.line, f"tables.{table.name}") if table else (None, None)
        return ConnectError(reason, file=self.connection.file.name, line=line, field=field)
