"""Packs `assets/` into a zip that Superset imports, for one database and one language or both.

Needs Python alone, so that it also runs where Superset does and Tierhouse does not.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

ASSETS = Path(__file__).parent / "assets"
DATABASE = "databases/tierhouse.yaml"
READ_ONLY = re.compile(r"^  engine_params:\n    connect_args:\n      read_only: true\n", re.MULTILINE)


def for_database(text: str, uri: str) -> str:
    """The file of the database with another URI. Only DuckDB takes the engine parameter `read_only`."""
    text, replaced = re.subn(r"^sqlalchemy_uri: .*$", lambda _: f"sqlalchemy_uri: {uri}", text, flags=re.MULTILINE)
    if replaced != 1:
        raise ValueError(f"{DATABASE}: expected one line sqlalchemy_uri, got {replaced}")
    return text if uri.startswith("duckdb:") else READ_ONLY.sub("", text)


def pack(target: Path, uri: str, languages: tuple[str, ...]) -> int:
    """Writes the zip; returns the number of its files."""
    paths = [
        path
        for path in sorted(ASSETS.rglob("*.yaml"))
        if not path.stem.endswith(("_en", "_zh")) or path.stem.endswith(languages)
    ]
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
    files = pack(arguments.output, arguments.uri, languages)
    print(f"{arguments.output}: {files} files")


if __name__ == "__main__":
    main()
