"""Data Docs: Great Expectations' own HTML, from results that contain counts only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pipelines.errors import TierhouseError
from pipelines.home.durable import remove

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context import AbstractDataContext


class DataDocsIncomplete(TierhouseError):
    """Great Expectations did not write a page of its Data Docs."""


def write_data_docs(
    context: AbstractDataContext, gate: str, results: Sequence[ExpectationSuiteValidationResult], folder: Path
) -> Path:
    """Replace `folder` by a site with one page per table and return the path of its index.

    The new site is built beside the folder and then renamed. Raises DataDocsIncomplete if a page is missing.
    """
    from great_expectations.core import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    new_folder = folder.with_name(f".{folder.name}.new")
    remove(new_folder)
    new_folder.mkdir(parents=True)
    backend = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(new_folder)}
    site: dict[str, Any] = {
        "class_name": "SiteBuilder",
        "store_backend": backend,
        "show_how_to_buttons": False,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        # The page of a result has all rules of its suite: pages of the suites would repeat them.
        "site_section_builders": {"expectations": "None", "profiling": "None"},
    }
    # The declared type has no `show_how_to_buttons`; SiteBuilder reads it.
    context.add_data_docs_site(gate, cast("Any", site))
    run = RunIdentifier(run_name=gate)
    for result in results:
        key = ValidationResultIdentifier(ExpectationSuiteIdentifier(result.suite_name), run, result.suite_name)
        context.validation_results_store.set(key, result)
    context.build_data_docs(site_names=[gate])
    # If Great Expectations cannot render a page, it logs the error and continues.
    pages = {page.stem for page in new_folder.glob("validations/**/*.html")}
    missing = sorted({result.suite_name for result in results} - pages)
    if missing or not (new_folder / "index.html").exists():
        raise DataDocsIncomplete(
            f"expected a page per table of {gate} in {new_folder}, found none for {missing or 'all'}"
        )
    remove(folder)
    new_folder.rename(folder)
    return folder / "index.html"
