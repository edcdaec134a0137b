"""The settings, read from the environment and `.env`. No other module reads the environment."""

from __future__ import annotations

import grp
import os
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.errors import TierhouseError
from pipelines.home.places import Places

PROJECT_ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
KEY_LENGTH = 16
"""The least number of characters of the pseudonym key."""
POSTGRES_URL = r"postgres(ql)?://([^\s:@/?#]+(:[^\s:@/?#]*)?@)?[^\s@/?#]*(/[^\s@/?#]*)?(\?[^\s@#]*)?"
"""A URL whose parts are certain: an unescaped character of a password could end up in the name of the host."""


class SettingsError(TierhouseError):
    """An environment variable has a value that tierhouse cannot use."""


class Settings(Places, BaseSettings):
    """Settings that an operator can change, as TIERHOUSE_* variables or lines of `.env`.

    Business rules are in `dbt_project/seeds/rules`.
    """

    model_config = SettingsConfigDict(
        env_prefix="TIERHOUSE_", env_file=PROJECT_ROOT / ".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    home: Path = Field(PROJECT_ROOT / "data", description="folder of all data that tierhouse writes")
    sources: Path | None = Field(None, description="folder of mapping files; default <home>/sources")
    timezone: str = Field("Asia/Shanghai", description="business time zone: where a day begins and ends")
    pseudonym_key: SecretStr | None = Field(None, description="secret of published ids; default <home>/pseudonym.key")
    phone_region: str = Field("CN", pattern="^[A-Z]{2}$", description="country of a phone without country code")
    first_day: date | None = Field(None, description="first day that can be graded; default: first day with a lead")
    memory_limit: str = Field("4GB", pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$", description="DuckDB's limit")
    threads: int = Field(2, ge=1, description="threads of DuckDB, processes of training")
    engine: Literal["duckdb", "spark"] = Field("duckdb", description="what runs the dbt models")
    spark_url: SecretStr | None = Field(None, description="Spark Connect server; default: tierhouse starts its own")
    readers: str | None = Field(None, description="group that may read published/; default: only the owner")
    ui_origin: str | None = Field(
        None, pattern=r"^https?://[A-Za-z0-9.-]+(:\d+)?$", description="address at which a proxy shows the UI"
    )
    report: bool = Field(True, description="build the report of each publication")
    versions_kept: int = Field(14, ge=2, description="published versions kept for rollback")
    postgres_url: SecretStr | None = Field(None, description="database that gets the published tables too")
    quarantine_bar: float = Field(0.05, ge=0, le=1, description="share of quarantined rows that rejects a batch")
    shared_key_limit: int = Field(5, ge=2, description="a phone or e-mail of more records than this links no customers")
    publish_agent_names: bool = Field(False, description="publish agents and teams as the sources write them")
    publication_due: time = Field(time(9), description="business time by which yesterday is published")
    alert_urls: SecretStr | None = Field(None, description="channels of alerts, separated by blanks")
    alert_language: Literal["zh", "en", "both"] = Field("both", description="language of alerts")

    @field_validator("home", "sources")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path and path.expanduser().absolute()

    @field_validator("home")
    @classmethod
    def _usable_by_sqlite(cls, path: Path) -> Path:
        if found := re.search(r"\?|%[0-9A-Fa-f]{2}", str(path)):
            raise ValueError(f"expected a folder without {found[0]}: SQLite cannot open it for Dagster")
        return path

    @field_validator("pseudonym_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        length = KEY_LENGTH if key is None else len(key.get_secret_value().strip())
        if length < KEY_LENGTH:
            raise ValueError(f"expected at least {KEY_LENGTH} characters, found {length}")
        return key

    @field_validator("alert_urls")
    @classmethod
    def _addresses(cls, urls: SecretStr | None) -> SecretStr | None:
        wrong = [place for place, url in enumerate(_split(urls), 1) if not re.match(r"[A-Za-z][A-Za-z0-9]*://.", url)]
        if wrong:
            raise ValueError(f"expected addresses such as wecombot://KEY, separated by blanks, not number {wrong[0]}")
        return urls

    @field_validator("spark_url")
    @classmethod
    def _connect_address(cls, url: SecretStr | None) -> SecretStr | None:
        text = url.get_secret_value() if url else ""
        if text and not re.fullmatch(r"sc://[A-Za-z0-9.-]+(:\d+)?(/(;[^\s;]+)*)?", text):
            raise ValueError(
                "expected a Spark Connect address such as sc://host:15002 or sc://host:15002/;token=SECRET"
            )
        return url if text else None

    @field_validator("postgres_url")
    @classmethod
    def _certain_parts(cls, url: SecretStr | None) -> SecretStr | None:
        text = url.get_secret_value() if url else ""
        if text and (not re.fullmatch(POSTGRES_URL, text) or re.search(r"%(?![0-9A-Fa-f]{2})", text)):
            raise ValueError(
                "expected postgresql://user:password@host:5432/database, with special characters of the password "
                "percent-encoded (@ as %40, / as %2F, : as %3A, % as %25)"
            )
        return url if text else None

    @field_validator("readers")
    @classmethod
    def _known_group(cls, name: str | None) -> str | None:
        try:
            return name and grp.getgrnam(name).gr_name
        except KeyError as error:
            raise ValueError(f"expected a group of this machine, found {name!r}") from error

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except Exception as error:
            raise ValueError(f"expected an IANA time zone such as Asia/Shanghai, found {name!r}") from error
        return name

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def alert_addresses(self) -> list[str]:
        """The channels of alerts, in the order of the setting. Secret: an address contains tokens and passwords."""
        return _split(self.alert_urls)

    def now(self) -> datetime:
        """Return the wall clock in the business time zone, for lineage (such as `ingested_at`) and schedules."""
        return datetime.now(self.zone)


def load_settings() -> Settings:
    """Read the settings from the environment and `.env`.

    Raises SettingsError with each wrong variable, what was expected and what was found.
    """
    try:
        return Settings()
    except ValidationError as error:
        # Without its cause: the message of pydantic could show the key.
        raise SettingsError("; ".join(map(_describe, error.errors()))) from None


def variables() -> list[str]:
    """Return the names of all TIERHOUSE_ variables of the environment and of `.env`, also those that are no setting."""
    file = Settings.model_config.get("env_file")
    lines = file.read_text(encoding="utf-8").splitlines() if isinstance(file, Path) and file.is_file() else []
    written = [line.split("=")[0].removeprefix("export ").strip() for line in lines if "=" in line]
    return sorted({name.upper() for name in (*os.environ, *written) if name.upper().startswith("TIERHOUSE_")})


def _describe(fault: Mapping[str, Any]) -> str:
    """Format a fault as variable, value and what was expected. The value of a secret is left out."""
    name = "_".join(map(str, fault["loc"]))
    value = "" if name in SECRETS else f"={fault['input']!r}"
    return f"TIERHOUSE_{name.upper()}{value}: {fault['msg']}"


def _split(urls: SecretStr | None) -> list[str]:
    return urls.get_secret_value().split() if urls else []


SECRETS = frozenset(name for name, field in Settings.model_fields.items() if field.annotation == SecretStr | None)
"""Settings whose value no message shows."""
