"""Data Docs: Great Expectations' own HTML, from results that were stripped to counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import TierhouseError
from pipelines.home.durable import remove

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context import AbstractDataContext


class DataDocsIncomplete(TierhouseError):
    """Great Expectations left out a page of its Data Docs."""


def write_data_docs(
    context: AbstractDataContext, gate: str, results: Sequence[ExpectationSuiteValidationResult], folder: Path
) -> Path:
    """Replaces `folder` by a site with one page per table; returns its index. Built beside it, then renamed.

    Raises DataDocsIncomplete where a page could not be rendered.
    """
    from great_expectations.core import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    fresh = folder.with_name(f".{folder.name}.new")
    remove(fresh)
    fresh.mkdir(parents=True)
    backend = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(fresh)}
    site = {"class_name": "SiteBuilder", "store_backend": backend, "show_how_to_buttons": False}
    context.add_data_docs_site(gate, {**site, "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"}})
    run = RunIdentifier(run_name=gate)
    for result in results:
        key = ValidationResultIdentifier(ExpectationSuiteIdentifier(result.suite_name), run, result.suite_name)
        context.validation_results_store.set(key, result)
    context.build_data_docs(site_names=[gate])
    # Great Expectations logs a page that it cannot render, and goes on without it.
    pages = {page.stem for page in fresh.glob("validations/**/*.html")}
    missing = sorted({result.suite_name for result in results} - pages)
    if missing or not (fresh / "index.html").exists():
        raise DataDocsIncomplete(f"expected a page per table of {gate} in {fresh}, found none for {missing or 'all'}")
    remove(folder)
    fresh.rename(folder)
    return folder / "index.html"
