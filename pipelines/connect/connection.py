"""Connection files as checked data. `docs/connections.md` describes the format."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

from pipelines.connect.errors import ConnectError
from pipelines.home.lined_yaml import MAX_BYTES, Node, YamlFault, load_nodes
from pipelines.home.settings import Settings
from pipelines.ingest.errors import Faults, MappingError, MappingFault
from pipelines.ingest.mapping.file_entry import check_keys, required_text, text_of

SECRETS = {
    "database": ("password",),
    "zoho": ("client_id", "client_secret", "refresh_token"),
    "fxiaoke": ("app_id", "app_secret", "permanent_code"),
}
"""The kinds of connections, and the secrets of each. Only `password` is optional."""

URLS = {"zoho": "https://www.zohoapis.com", "fxiaoke": "https://open.fxiaoke.com"}
KEYS = {"zoho": "id", "fxiaoke": "_id"}
CURSORS = {"zoho": "Modified_Time", "fxiaoke": "last_modified_time"}
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
OWN_COLUMNS = ("_deleted", "_pulled_at")
"""Columns that a pull adds to each row."""


@dataclass(frozen=True)
class Secret:
    """Where a secret is: the name of an environment variable, or a private file."""

    place: str
    line: int
    env: str | None = None
    file: Path | None = None


@dataclass(frozen=True)
class Table:
    """One table of a connection.

    `name`: its folder. `remote`: its name in the system. `key`: the columns that identify a row. `cursor`: the column
    with the time or number of the last change; without it, each pull reads all rows. `overlap`: how far behind the
    cursor a pull reads again, in time, or as a number for a number. `fields`: of an API, what to read.
    `without`: of a database, what not to read.
    """

    name: str
    line: int
    remote: str
    key: tuple[str, ...]
    cursor: str | None = None
    overlap: timedelta | int = timedelta(hours=1)
    fields: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Connection:
    """One connection file. `accounts_url` is Zoho's server of tokens, `user` the CRM user of 纷享销客."""

    file: Path
    kind: str
    url: str
    tables: tuple[Table, ...]
    secrets: tuple[Secret, ...]
    accounts_url: str = "https://accounts.zoho.com"
    user: str = ""

    @property
    def name(self) -> str:
        return self.file.stem

    def secret_values(self) -> dict[str, str]:
        """Read the secrets. Raises ConnectError with file, line and field if one is missing or others can read it."""
        return {secret.place: self._value(secret) for secret in self.secrets}

    def _value(self, secret: Secret) -> str:
        if secret.env is not None:
            value, where = os.environ.get(secret.env, ""), f"the environment variable {secret.env}"
        else:
            file = secret.file or Path()
            where = str(file)
            try:
                if stat.S_IMODE(file.stat().st_mode) & 0o077:
                    self._refuse(secret, f"other accounts can read {file}: run chmod 600 on it")
                value = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "not UTF-8"
                self._refuse(secret, f"{file} cannot be read ({reason})")
        if not value:
            self._refuse(secret, f"expected a secret in {where}, found nothing")
        return value

    def _refuse(self, secret: Secret, reason: str) -> NoReturn:
        raise ConnectError(reason, file=self.file.name, line=secret.line, field=secret.place)


def find_connection(settings: Settings, name: str) -> Connection:
    """Load the connection of this name. Raises ConnectError if the home has none, MappingError for its faults."""
    found = [file for file in settings.connection_files if file.stem == name]
    if not found:
        names = ", ".join(file.stem for file in settings.connection_files) or "none"
        raise ConnectError(f"there is no connection {name!r} in {settings.connections_dir}; found {names}")
    return load_connection(found[0])


def load_connection(file: Path) -> Connection:
    """Read and check a connection file. Raises MappingError, which names file, line and field of each fault."""
    faults = Faults(file.name)
    try:
        with file.open("rb") as stream:
            root, duplicates = load_nodes(stream.read(MAX_BYTES + 1).decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise MappingError(file.name, [MappingFault(1, "file", f"cannot be read: {reason}")]) from error
    except YamlFault as fault:
        raise MappingError(file.name, [MappingFault(fault.line, fault.place, fault.problem)]) from fault
    faults.found += [MappingFault(fault.line, fault.place, fault.problem) for fault in duplicates]
    if not isinstance(root.value, dict):
        faults.add(root, "connection", "expected keys such as kind, url and tables")
    faults.raise_if_any()
    kind = required_text(root, "kind", "kind", faults)
    if kind not in SECRETS:
        faults.add(root.get("kind") or root, "kind", f"expected one of {', '.join(SECRETS)}, found {kind!r}")
        faults.raise_if_any()
    if not re.fullmatch(r"[a-z0-9_]+", file.stem):
        faults.add(root, "file", f"expected a file name of lower-case letters, digits and _, found {file.stem!r}")
    own = {"zoho": ("accounts_url",), "fxiaoke": ("user",)}.get(kind, ())
    check_keys(root, ("kind", "url", "tables", *SECRETS[kind], *own), "connection", faults)
    connection = Connection(
        file=file,
        kind=kind,
        url=_url(root, "url", kind, faults),
        tables=_tables(root, kind, faults),
        secrets=tuple(_secrets(file, root, kind, faults)),
        accounts_url=text_of(root, "accounts_url", "accounts_url", faults) or Connection.accounts_url,
        user=required_text(root, "user", "user", faults) if kind == "fxiaoke" else "",
    )
    faults.raise_if_any()
    return connection


def _url(root: Node, key: str, kind: str, faults: Faults) -> str:
    text = text_of(root, key, key, faults) if kind in URLS else required_text(root, key, key, faults)
    url = (text or URLS.get(kind, "")).rstrip("/") if kind in URLS else text or ""
    try:
        parts = urlsplit(url)
        has_secret = parts.password or any("pass" in name.lower() for name, _ in parse_qsl(parts.query))
    except ValueError:
        parts, has_secret = urlsplit(""), False
    if has_secret:
        # The value is not shown: it contains the password.
        faults.add(root[key], key, "expected no password in the url: name its variable or file under `password`")
    elif url and ("://" not in url or (kind in URLS and parts.scheme not in ("http", "https"))):
        expected = "https://…" if kind in URLS else "postgresql://user@host/database"
        faults.add(root.get(key) or root, key, f"expected an address such as {expected}")
    return url


def _secrets(file: Path, root: Node, kind: str, faults: Faults) -> list[Secret]:
    found = []
    for name in SECRETS[kind]:
        node = root.get(name)
        if node is None:
            if name != "password":
                faults.add(root, name, "expected {env: VARIABLE} or {file: PATH}, found nothing")
            continue
        keys = [key for key, _ in node.items()]
        if keys not in (["env"], ["file"]) or not isinstance(node[keys[0]].value, str):
            faults.add(node, name, "expected {env: VARIABLE} or {file: PATH}: a secret never stands in this file")
            continue
        text = str(node[keys[0]].value)
        place = (file.parent / Path(text).expanduser()).resolve()
        found.append(Secret(name, node.line, *((text, None) if keys == ["env"] else (None, place))))
    return found


def _tables(root: Node, kind: str, faults: Faults) -> tuple[Table, ...]:
    node = root.get("tables")
    if node is None or not isinstance(node.value, dict) or not node.value:
        faults.add(node or root, "tables", "expected at least one table, found none")
        return ()
    return tuple(_table(name, body, kind, faults) for name, body in node.items())


def _table(name: str, node: Node, kind: str, faults: Faults) -> Table:
    place = f"tables.{name}"
    if not re.fullmatch(r"[a-z0-9_]+", name):
        faults.add(node, place, "expected a name of lower-case letters, digits and _; `table` has the name there")
    if node.value is not None and not isinstance(node.value, dict):
        faults.add(node, place, "expected keys such as key and cursor")
        return Table(name, node.line, name, ())
    own = ("key", "cursor", "without") if kind == "database" else ("fields",)
    check_keys(node, ("table", "overlap", *own), place, faults)
    key = _names(node, "key", place, faults) or ((KEYS[kind],) if kind in KEYS else ())
    fields = _names(node, "fields", place, faults)
    if not key:
        faults.add(node, f"{place}.key", "expected the column or columns that identify a row, found none")
    if kind in KEYS and not fields:
        faults.add(node, f"{place}.fields", "expected a list of fields, found none")
    cursor = CURSORS.get(kind) or text_of(node, "cursor", f"{place}.cursor", faults) or None
    fixed = tuple(name for name in (*key, *([cursor] if cursor else [])) if name not in fields)
    return Table(
        name=name,
        line=node.line,
        remote=text_of(node, "table", f"{place}.table", faults) or name,
        key=key,
        cursor=cursor,
        overlap=_overlap(node, place, faults),
        fields=(*fixed, *fields) if kind in KEYS else (),
        without=_names(node, "without", place, faults),
    )


def _names(node: Node, key: str, place: str, faults: Faults) -> tuple[str, ...]:
    given = node.get(key)
    if given is None or given.value is None:
        return ()
    items = given.value if isinstance(given.value, list) else [given]
    names = [item.value for item in items if isinstance(item.value, str)]
    if len(names) < len(items) or len(set(names)) < len(names) or set(names) & set(OWN_COLUMNS):
        faults.add(given, f"{place}.{key}", f"expected a list of different names, without {', '.join(OWN_COLUMNS)}")
    return tuple(names)


def _overlap(node: Node, place: str, faults: Faults) -> timedelta | int:
    text = text_of(node, "overlap", f"{place}.overlap", faults)
    if text is None:
        return Table.overlap
    found = re.fullmatch(r"(\d{1,6})([smhd]?)", text)
    if not found:
        faults.add(node["overlap"], f"{place}.overlap", f"expected 30m, 2h, 7d or a number, found {text!r}")
        return Table.overlap
    return timedelta(**{UNITS[found[2]]: int(found[1])}) if found[2] else int(found[1])
