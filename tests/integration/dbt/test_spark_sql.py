"""Every model, compiled for Spark and read by sqlglot: SQL that only DuckDB knows fails here, without a Spark server.

`make spark-test` runs the models on Spark.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from sqlglot import exp, parse_one
from sqlglot.dialects import Spark
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from pipelines.home.places import WAREHOUSE
from pipelines.home.settings import DBT_PROJECT, PROJECT_ROOT, Settings
from pipelines.transform.dbt import SPARK, dbt_environment

FUNCTIONS = frozenset({
    "abs", "aggregate", "array", "array_contains", "array_sort", "avg", "bool_and", "ceil", "coalesce", "collect_list",
    "concat", "conv", "convert_timezone", "count", "date_format", "date_trunc", "datediff", "dense_rank", "element_at",
    "exp", "first_value", "floor", "format_string", "get", "greatest", "lag", "lead", "least", "length", "listagg",
    "ln", "lower", "max", "max_by", "median", "min", "min_by", "month", "nullif", "pmod", "power", "regexp_replace",
    "replace", "rint", "round", "row_number", "sha2", "size", "split_part", "sqrt", "substr", "sum", "timestampadd",
    "transform", "trim", "typeof", "unix_timestamp", "upper", "year",
})  # fmt: skip
"""Functions of Spark 4 that the models call. Add a function when `make spark-test` has run the model that calls it."""
NOT_FUNCTIONS = frozenset({
    "and", "as", "cast", "decimal", "from", "group", "in", "join", "not", "on", "or", "over", "select", "then", "when",
    "where",
})  # fmt: skip
"""Words of SQL that stand before a bracket."""
TYPES = frozenset({
    exp.DType.BIGINT, exp.DType.BOOLEAN, exp.DType.DATE, exp.DType.DECIMAL, exp.DType.DOUBLE, exp.DType.INT,
    exp.DType.TEXT, exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMPNTZ, exp.DType.TIMESTAMPTZ, exp.DType.VARCHAR,
})  # fmt: skip


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> list[Path]:
    """Compile all models for Spark. dbt-spark wants to import PySpark for its session, which compiling does not use."""
    folder = tmp_path_factory.mktemp("spark")
    (folder / "pyspark").mkdir()
    (folder / "pyspark" / "__init__.py").touch()
    variables = dbt_environment(Settings(home=folder), folder / WAREHOUSE)
    paths = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [
        str(Path(sys.executable).with_name("tierhouse-dbt")), "--quiet", "compile", "--no-introspect",
        "--no-populate-cache", "--target", SPARK, "--target-path", str(folder / "target"),
        "--select", "resource_type:model",
    ]  # fmt: skip
    subprocess.run(command, check=True, env=os.environ | variables | {"PYTHONPATH": paths})
    files = (folder / "target" / "compiled" / "tierhouse" / "models").rglob("*.sql")
    # The compiled tests of a model are in folders that have the names of yml files.
    return sorted(file for file in files if file.parent.suffix != ".yml")


def problems(query: str) -> list[str]:
    """Return what Spark does not accept in a query."""
    try:
        tree = parse_one(query, dialect="spark")
    except SqlglotError as error:
        return [str(error).splitlines()[0]]
    tokens = Spark().tokenize(query)
    called = {
        one.text.lower() for one, two in pairwise(tokens) if two.token_type is TokenType.L_PAREN and _is_word(one)
    }
    found = [f"function {name}" for name in called - FUNCTIONS - NOT_FUNCTIONS]
    found += [f'text in double quotes: "{each.text}"' for each in tokens if query[each.start] == '"']
    found += ["operator ::" for each in tokens if each.token_type is TokenType.DCOLON]
    found += ["EXCLUDE in place of EXCEPT" for each in tokens if each.text.lower() == "exclude"]
    found += ["list in square brackets" for each in tree.find_all(exp.Array) if "array" not in called]
    found += [f"{join.method or join.side} JOIN" for join in tree.find_all(exp.Join) if join.method == "ASOF"]
    found += ["PIVOT statement" for _ in tree.find_all(exp.Pivot)]
    found += [f"type {each.this.value}" for each in tree.find_all(exp.DataType) if each.this not in TYPES]
    return found


def _is_word(token) -> bool:
    return (
        token.text.replace("_", "").isalnum() and not token.text[0].isdigit() and token.token_type != TokenType.STRING
    )


def test_spark_reads_the_sql_of_every_model(compiled):
    wrong = {file.stem: found for file in compiled if (found := problems(file.read_text(encoding="utf-8")))}

    assert len(compiled) > 150
    assert not wrong


@pytest.mark.parametrize(
    "query",
    [
        "select date_diff('day', a, b) from t",
        "select quantile_cont(a, 0.5) from t",
        "select arg_max(a, b) from t",
        "select list(a order by b) from t",
        "select strftime(a, '%Y') from t",
        "select epoch(a) from t",
        "select regexp_matches(a, 'b') from t",
        "select unnest(generate_series(1, 3))",
        "select {'a': 1} as x",
        "select [1, 2] as x",
        "select a::varchar from t",
        "select cast(a as hugeint) from t",
        "select * exclude (a) from t",
        'select "a" from t',
        "select * from a asof join b on a.day >= b.day",
        "pivot t on a using sum(b)",
    ],
)
def test_sql_of_duckdb_alone_is_found(query):
    assert problems(query)


def test_the_table_of_differences_names_every_macro_of_spark():
    macros = [path.read_text(encoding="utf-8") for path in (DBT_PROJECT / "macros").rglob("*.sql")]
    of_spark = {name for text in macros for name in re.findall(r"macro spark__(\w+)", text)}
    page = (PROJECT_ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    _, _, section = page.partition("## What differs by engine")
    rows = re.findall(r"^\| (`.+?`) \|", section.partition("\n## ")[0], flags=re.M)

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == of_spark
