"""Tables by the hundred, from a seed, whose layout is sound and whose values are what offices and old systems write."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator

from pipelines.ingest.contract import ENTITIES, NUMBER_TYPES, Entity, Field
from pipelines.rules.currencies import ISO_CURRENCIES
from tests.malformed import ODD_CELLS

DAYS = [f"202{year}-{month:02d}-{day:02d}" for year in (4, 5) for month in (1, 3, 6, 10) for day in (1, 9, 17, 26)]
TIMES = (
    *(f"{day} {hour}:30:00" for day in DAYS[::3] for hour in ("02", "10", "23")),
    "2025-03-30 02:30:00", "2025-10-26 02:30:00", "2025-06-30 17:30:00 UTC", "2025-06-30T17:30:00.123Z",
    "2025-06-30 17:30:00 +08:00", "2025-06-30 17:30 Europe/Berlin", "1990-01-01", "2099-12-31 23:59:59", "2026-12-01",
)  # fmt: skip
NO_TIMES = (
    "1900-01-01", "0001-01-01", "9999-12-31", "1989-12-31 23:00:00 -12:00", "2100-01-01", "24-03-05", "5/1/24",
    "99999-12-31", "2025-02-30", "2025-06-30 17:30:00 CST", "1751328000", "20250101", "45723", "2025年3月7日",
)  # fmt: skip
NUMBERS = ("0", "1", "0.00001", "12.5", "850.000", "120", "3000000", "-0", "999999999", "1e5", "30.0", "89")
NO_NUMBERS = (
    "-1", "1e12", "1e13", "99999999999999", "1e308", "NaN", "1,000", "1.250.000", "12,50", "３８０万", "1.2亿", "x",
)  # fmt: skip
LOCALE_NUMBERS = {
    ",": ("1.250.000", "850.000", "415 €", "EUR 1 200", "0", "30", "+12"),
    ".": ("1,250,000", "US$ 850,000", "415", "1'200", "0", "30.0", "+12"),
}
NO_LOCALE_NUMBERS = ("--500", "- $-500", "-+500", "1,2,3", "1.25.000", "-415", "9,9.9", "€")
TEXTS = (
    "13812345678",
    "wang@example.cn",
    "buy",
    "rent",
    " Portal ",
    "online/portal",
    "in",
    "高",
    "A",
    "x" * 3000,
    "it's",
    '"',
    "{{ x }}",
    "%s",
    "1=1",
)
CONTACTS = (
    "13812345678",
    "+86 138-1234-5678",
    "１３８１２３４５６７８",
    "一三八一二三四五六七八",
    "١٣٨١٢٣٤٥٦٧٨",
    "wang@example.cn",
    "wang (at) example.cn",
    "wang at example dot cn",
    "王芳",
    "Wang Fang",
)
_WHERE = """where: "lead_id IS NULL OR lead_id <> 'K7'\""""
_IMPLIED = "{implied: true, lead_id: lead_id, created_at: occurred_at, where: lead_id > 'K3'}"


def odd_tables(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of `count` files; every contract field is a column of its name.

    Files named `<entity>_<number>.csv` hold what the contract says, those named `<entity>-<number>.csv` the words and
    numbers of a locale, which the mapping translates.
    """
    rng = random.Random(seed)
    for number in range(count):
        entity = ENTITIES[list(ENTITIES)[number % len(ENTITIES)]]
        translated = number // len(ENTITIES) % 3 == 2
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(field.name for field in entity.fields)
        for line in range(rng.randint(2, 8)):
            oddness = rng.choice((0, 0.02, 0.2))
            cell = _translated_cell if translated else _cell
            writer.writerow(cell(rng, entity, field, f"{number}-{line}", oddness) for field in entity.fields)
        name = f"{entity.name}{'-' if translated else '_'}{number:03d}.csv"
        yield name, text.getvalue().encode("utf-8", "surrogatepass")


def mapping() -> str:
    """A mapping file that reads all of them, from `../raw/odd`."""
    files = "".join(
        f"  - path: {name}_*.csv\n    entities:\n      {name}: {{{_same_names(entity)}}}\n"
        f"  - path: {name}-*.csv\n    null_values: [none]\n    entities:\n      {name}: {{{_translations(entity)}}}\n"
        + (f"      leads: {_IMPLIED}\n" if name in ("interactions", "transactions") else "")
        for name, entity in ENTITIES.items()
    )
    return (
        "source: odd\nroot: ../raw/odd\ntimezone: Europe/Berlin\ncurrency: CNY\nhistory: true\nquarantine_bar: 1\n"
        f"files:\n{files}"
    )


def _same_names(entity: Entity) -> str:
    return ", ".join(f"{field.name}: {field.name}" for field in entity.fields)


def _translations(entity: Entity) -> str:
    fields = [_WHERE] if any(field.name == "lead_id" for field in entity.fields) else []
    return ", ".join([*fields, *(f"{field.name}: {_translation(entity, field)}" for field in entity.fields)])


def _translation(entity: Entity, field: Field) -> str:
    if field.values is not None:
        words = ", ".join(f'"{value} (x)": {value}' for value in field.values)
        return f'{{column: {field.name}, values: {{{words}, "?": "", "-": }}}}'
    if field.type == "boolean":
        return f'{{column: {field.name}, values: {{"ja": "true", "nein": "false", "?": ""}}}}'
    if field.type in NUMBER_TYPES:
        return f'{{column: {field.name}, decimal: "{_mark(entity, field)}"}}'
    if field.type in ("timestamp", "date"):
        return f'{{column: {field.name}, null_values: ["1900-01-01", "9999-12-31"]}}'
    return field.name


def _mark(entity: Entity, field: Field) -> str:
    return ",."[entity.fields.index(field) % 2]


def _translated_cell(rng: random.Random, entity: Entity, field: Field, place: str, oddness: float) -> str:
    plain = _cell(rng, entity, field, place, oddness)
    if rng.random() < oddness:
        return rng.choice(("none", "?", plain))
    if field.values is not None:
        return f"{plain} (x)" if plain else rng.choice(("?", "-", ""))
    if field.type == "boolean":
        return rng.choice(("ja", "nein", "?", ""))
    if field.name == "satisfaction_score":
        return rng.choice(("1", "4"))
    if field.type in NUMBER_TYPES:
        return rng.choice(NO_LOCALE_NUMBERS if rng.random() < oddness else LOCALE_NUMBERS[_mark(entity, field)])
    return plain


def _cell(rng: random.Random, entity: Entity, field: Field, place: str, oddness: float) -> str:
    if rng.random() < oddness:
        return rng.choice([cell for cell in (*ODD_CELLS, *CONTACTS) if len(cell) < 40])
    if field.name == entity.key:
        return rng.choice((place, place, place, f"K{rng.randint(1, 60)}"))
    if field.name == "lead_id":
        return f"K{rng.randint(1, 60)}"
    if not field.required and rng.random() < 0.3:
        return ""
    if field.type in ("timestamp", "date"):
        return rng.choice(NO_TIMES if rng.random() < oddness else TIMES)
    if field.name == "satisfaction_score":
        return rng.choice(("1", "2.5", "5", "80" if oddness else "4"))
    if field.type in ("money", "number", "integer"):
        return rng.choice(NO_NUMBERS if rng.random() < oddness else NUMBERS)
    if field.type == "currency":
        return rng.choice(("CNY", "USD", "rmb", "￥", rng.choice(sorted(ISO_CURRENCIES)), "XXX" if oddness else "CNY"))
    if field.type == "boolean":
        return rng.choice(("true", "no", "1"))
    if field.values is not None:
        return rng.choice(field.values)
    if field.name.endswith("_id"):
        return rng.choice((f"K{rng.randint(1, 20)}", place))
    return rng.choice(TEXTS)
