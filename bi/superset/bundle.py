"""Packs `assets/` into a zip that Superset imports, for one database and one language or both.

Needs Python alone, so that it also runs where Superset does and Tierhouse does not.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

ASSETS = Path(__file__).parent / "assets"
DATABASE = "databases/tierhouse.yaml"
READ_ONLY = "      read_only: true\n"
SCHEMA = "      options: -csearch_path=tierhouse\n"
"""Parameters of the connection: DuckDB opens the file for reading, PostgreSQL reads the schema of the views."""


def for_database(text: str, uri: str) -> str:
    """The file of the database with a URI and the parameters of its engine. Raises ValueError for other engines."""
    engine = uri.partition(":")[0].partition("+")[0]
    if engine not in ("duckdb", "postgresql"):
        raise ValueError(f"expected a URI that begins with duckdb: or postgresql:, got {engine}:")
    line = re.compile(r"^sqlalchemy_uri: .*$", re.MULTILINE)
    if len(line.findall(text)) != 1 or READ_ONLY not in text:
        raise ValueError(f"{DATABASE}: expected one line sqlalchemy_uri and one line read_only: true")
    text = line.sub(lambda _: f"sqlalchemy_uri: {json.dumps(uri)}", text)
    return text if engine == "duckdb" else text.replace(READ_ONLY, SCHEMA)


def pack(target: Path, uri: str, languages: tuple[str, ...]) -> int:
    """Writes the zip, readable by its owner alone: the URI can have a password. Returns the number of its files."""
    paths = [
        path
        for path in sorted(ASSETS.rglob("*.yaml"))
        if not path.stem.endswith(("_en", "_zh")) or path.stem.endswith(languages)
    ]
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    with ZipFile(target, "w", ZIP_DEFLATED) as bundle:
        for path in paths:
            name, text = path.relative_to(ASSETS).as_posix(), path.read_text(encoding="utf-8")
            bundle.writestr(f"tierhouse/{name}", for_database(text, uri) if name == DATABASE else text)
    return len(paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("uri", help="SQLAlchemy URI of the published tables: duckdb:////path/… or postgresql://…")
    parser.add_argument("--language", choices=["en", "zh"], help="pack the dashboards of one language only")
    parser.add_argument("--output", type=Path, default=Path("tierhouse-superset.zip"), help="the zip to write")
    arguments = parser.parse_args()
    languages = (f"_{arguments.language}",) if arguments.language else ("_en", "_zh")
    try:
        files = pack(arguments.output, arguments.uri, languages)
    except ValueError as error:
        parser.error(str(error))
    print(f"{arguments.output}: {files} files")


if __name__ == "__main__":
    main()
