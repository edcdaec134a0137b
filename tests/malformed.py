"""Malformed files by the hundred, from a seed: what offices and broken disks send, and what an enemy would."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from tests.workbooks import Raw, packed, sheet_xml, workbook

HEADER = "id,customer,day,price"
ODD_CELLS = (
    *(
        "NaN",
        "inf",
        "-inf",
        "1e999",
        "9" * 60,
        "0x10",
        "1_000",
        "--5",
        "+",
        "-",
        ".",
        "1,5",
        "１２３",
        "三百",
        "万",
        "￥",
    ),
    *("0000-00-00", "2025-02-30", "99999-12-31", "2025-01-01T25:61", "infinity", "epoch", "now", "60000.5", "29999"),
    *(
        "2025年13月1日",
        "\u200b",
        "\ufeff",
        "\u202etxt",
        "😀" * 50,
        "\x1e",
        "\x1f",
        "a\x1eb\x1fc",
        "\x00",
        "\x1a",
        "\x7f",
    ),
    *(
        "=1+1",
        "'; DROP TABLE raw; --",
        "{}",
        "\\",
        "\\N",
        "NULL",
        "%s",
        "{id}",
        "$HOME",
        "<a>",
        "\u2028",
        "\x85",
        "\x0b",
    ),
    *("\ud7ff", "ﷺ", "é", "e\u0301"),
)


def malformed(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of `count` files: every kind of fault in turn, each time drawn anew."""
    rng = random.Random(seed)
    for number in range(count):
        name, make = KINDS[number % len(KINDS)]
        stem, _, suffix = name.partition(".")
        yield f"{number:03d}_{stem}.{suffix}", make(rng)


def rows(rng: random.Random, most: int = 12) -> list[list[str]]:
    return [
        [str(n), f"C{rng.randint(1, 5)}", f"2025-01-{rng.randint(1, 28):02d}", str(rng.randint(1, 900))]
        for n in range(rng.randint(1, most))
    ]


def table(rng: random.Random, ending: str = "\n") -> str:
    return ending.join([HEADER, *(",".join(row) for row in rows(rng))]) + ending


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _somewhere(rng: random.Random, data: bytes, inserted: bytes) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + inserted + data[at:]


def _odd_cells(rng: random.Random) -> bytes:
    lines = rows(rng)
    for row in lines:
        row[rng.randrange(4)] = rng.choice(ODD_CELLS)
    return "\n".join([HEADER, *(",".join(row) for row in lines)]).encode("utf-8", "surrogatepass")


def _flipped(rng: random.Random) -> bytes:
    data = bytearray(table(rng).encode())
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def _ragged(rng: random.Random) -> bytes:
    good, *others = rows(rng)
    cut = [row[: rng.randint(1, 4)] + ["x"] * rng.randint(0, 3) for row in others]
    return "\n".join([HEADER, *(",".join(row) for row in [good, *cut])]).encode()


def _header(rng: random.Random) -> bytes:
    odd = rng.choice(
        ["ID", "", " ", "__line", "s:id", "faults", "extra", "'", "]", "{id}", "a" * 3000, "名称", "known_at"]
    )
    names = [*HEADER.split(","), odd]
    if rng.random() < 0.3:
        names.pop(rng.randrange(4))
    return (",".join(names) + "\n" + "\n".join(",".join([*row, "x"][: len(names)]) for row in rows(rng))).encode()


def _quotes(rng: random.Random) -> bytes:
    lines = [",".join(row) for row in rows(rng)]
    at = rng.randrange(len(lines))
    lines[at] = lines[at].replace(",", rng.choice(['",', ',"', '","', '"",', '"\n,']))
    return "\n".join([HEADER, *lines]).encode()


def _huge_field(rng: random.Random) -> bytes:
    field = rng.choice(["x", "张", "1", " ", '""', "a,b", "\n"]) * (10 << 20)
    return f'{HEADER}\n1,A,2025-01-01,10\n2,"{field[: 10 << 20]}",2025-01-02,20\n3,C,2025-01-03,30\n'.encode()


def _wide(rng: random.Random) -> bytes:
    width = rng.randint(300, 900)
    return f"{HEADER},{','.join(f'c{n}' for n in range(width))}\n1,A,2025-01-01,10{',x' * width}\n".encode()


def _packed(rng: random.Random) -> bytes:
    data = _gzip(table(rng).encode())
    broken = bytearray(data)
    broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
    bomb = _gzip(rng.choice([b"\0", b"a", b'"', b"\n", b","]) * (24 << 20))
    return rng.choice(
        [data[: rng.randrange(len(data))], bytes(broken), data + b"garbage", _gzip(data), bomb, b"id,c\n1,2\n"]
    )


def _parquet(rng: random.Random) -> bytes:
    columns = {
        "id": pa.array(["1", "2"]),
        "customer": rng.choice([pa.array([["A"], None]), pa.array([{"x": 1}, {"x": 2}]), pa.array([b"\xff", b"B"])]),
        "day": pa.array(["2025-01-01", "x"]),
        "price": rng.choice([pa.array([1.5, float("nan")]), pa.array([1, -2]), pa.nulls(2)]),
    }
    target = io.BytesIO()
    pq.write_table(pa.table({name: columns[name] for name in list(columns)[: rng.choice([4, 4, 2])]}), target)
    data = bytearray(target.getvalue())
    if rng.random() < 0.4:
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.choice([len(data), len(data), rng.randrange(len(data))])])


def _sheet_xml(rng: random.Random) -> str:
    return sheet_xml([HEADER.split(","), *rows(rng)])


def _broken_xml(rng: random.Random) -> bytes:
    xml = _sheet_xml(rng)
    laughs = '<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    broken = [
        xml[: rng.randrange(len(xml))],
        laughs + xml.replace(">1<", ">&b;<"),
        xml.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
        xml.replace('r="A2"', f'r="{rng.choice(["", "A0", "2", "ZZZZ9", "A99999999999", "a2"])}"'),
        xml.replace('t="inlineStr"', f't="{rng.choice(["s", "n", "b", "d", "e", "?"])}"'),
        xml.replace("<row", "<c", 1),
        "<a>" * 20_000,
        "",
    ]
    return packed({"xl/worksheets/sheet1.xml": rng.choice(broken)}, ["S"])


def _odd_workbook(rng: random.Random) -> bytes:
    cells = [
        Raw('<c r="{place}" s="1"><v>-1</v></c>'), Raw('<c r="{place}" s="1"><v>1e12</v></c>'),
        Raw('<c r="{place}" s="99"><v>45000</v></c>'), Raw('<c r="{place}" t="s"><v>7</v></c>'),
        Raw('<c r="{place}" t="e"><v>#N/A</v></c>'), Raw('<c r="{place}" t="b"><v>7</v></c>'),
        Raw('<c r="{place}"><v>1e400</v></c>'), Raw('<c r="{place}"><v>x</v></c>'), Raw('<c r="{place}"><f>1</f></c>'),
    ]  # fmt: skip
    lines = [list[object](row) for row in rows(rng)]
    for row in lines[1:]:
        row[rng.randrange(4)] = rng.choice(cells)
    return workbook({"S": [HEADER.split(","), *lines]})


def _broken_workbook(rng: random.Random) -> bytes:
    data = workbook({"S": [HEADER.split(","), *rows(rng)]})
    broken = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    bomb = packed({"xl/worksheets/sheet1.xml": b" " * (32 << 20), "xl/media/1": b"\0" * (16 << 20)}, ["S"])
    foreign = [
        table(rng).encode(),
        b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        b"<html><table></table></html>",
        b"",
        _gzip(data),
    ]
    return rng.choice([data[: rng.randrange(len(data))], bytes(broken), bytes(broken), bomb, *foreign])


def _mutated_parts(rng: random.Random) -> bytes:
    """A workbook whose zip is sound and one of whose parts is not."""
    source = zipfile.ZipFile(io.BytesIO(workbook({"S": [HEADER.split(","), *rows(rng)]})))
    parts = {name: bytearray(source.read(name)) for name in source.namelist()}
    part = parts[rng.choice(list(parts))]
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(part))
        part[at : at + rng.choice([0, 0, 1, 20])] = rng.choice(
            [b"", b'"', b"<", b"9999999999", b"-1", b'r="A9"', b't="s"']
        )
    return packed({name: bytes(part) for name, part in parts.items()}, ["S"])


def _encoding(rng: random.Random) -> bytes:
    return table(rng).replace("C", "客").encode(rng.choice(["gb18030", "utf-16", "utf-32", "shift_jis", "big5"]))


def _cut(rng: random.Random) -> bytes:
    data = table(rng).encode()
    return data[: rng.randrange(len(data))]


def _endings(rng: random.Random) -> bytes:
    endings = ["\r", "\n", "\r\n", "\n\r", "\n\n"]
    return "".join(rng.choice(endings) if letter == "\n" else letter for letter in table(rng)).encode()


def _blank(rng: random.Random) -> bytes:
    return rng.choice([b"", b"\n", b" \t\n", b"\xef\xbb\xbf", b",,,\n,,,\n", HEADER.encode(), b"\xff\xfe"])


KINDS: tuple[tuple[str, Callable[[random.Random], bytes]], ...] = (
    ("encoding.csv", _encoding),
    ("cells.csv", _odd_cells),
    ("flipped.csv", _flipped),
    ("cut.csv", _cut),
    ("nul.csv", lambda rng: _somewhere(rng, table(rng).encode(), b"\0" * rng.randint(1, 3))),
    ("ragged.csv", _ragged),
    ("quote.csv", lambda rng: _somewhere(rng, table(rng).encode(), b'"' * rng.choice([1, 1, 2, 3]))),
    ("quotes.csv", _quotes),
    ("endings.csv", _endings),
    ("header.csv", _header),
    ("random.csv", lambda rng: rng.randbytes(rng.randint(0, 3000))),
    ("blank.csv", _blank),
    ("delimiter.csv", lambda rng: table(rng).replace(",", rng.choice([";", "\t", "|", " ", "，"])).encode()),
    ("wide.csv", _wide),
    ("packed.csv.gz", _packed),
    ("columns.parquet", _parquet),
    ("xml.xlsx", _broken_xml),
    ("cells.xlsx", _odd_workbook),
    ("broken.xlsx", _broken_workbook),
    ("parts.xlsx", _mutated_parts),
    ("foreign.csv", lambda rng: rng.choice([_broken_workbook, _parquet, _packed])(rng)),
)
HUGE = _huge_field
