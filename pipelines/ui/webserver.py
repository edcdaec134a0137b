"""`dagster-webserver` behind the guard: `python -m pipelines.ui.webserver` takes the same options."""

from __future__ import annotations

from dagster_webserver import app, cli
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware

from pipelines.errors import TierhouseError
from pipelines.home.modes import keep_private
from pipelines.home.settings import load_settings
from pipelines.ui.guard import Guard


class UnguardedWebserver(TierhouseError):
    """This release of dagster-webserver creates its app in another way, so the guard would not be used."""


class GuardedWebserver(DagsterWebserver):
    """Dagster's webserver with the guard as its outermost middleware."""

    def build_middleware(self) -> list[Middleware]:
        return [Middleware(Guard, proxy=load_settings().ui_origin), *super().build_middleware()]


def main() -> None:
    keep_private()
    if app.DagsterWebserver is not DagsterWebserver:
        raise UnguardedWebserver("expected dagster-webserver to use DagsterWebserver; without it the UI has no guard")
    app.DagsterWebserver = GuardedWebserver
    cli.main()


if __name__ == "__main__":
    main()
