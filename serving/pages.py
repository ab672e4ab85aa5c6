"""What is asked with GET: BentoML's own endpoints are POST."""

from collections.abc import Callable
from typing import Any

import bentoml
from bentoml.exceptions import BentoMLException
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serving.live import Live
from serving.openapi import document


def with_pages(service: Any, customers: bool = False) -> None:
    """Give a BentoML service its pages; see ``pages``."""
    service.mount_asgi_app(pages(lambda: bentoml.get_current_service().live, customers))


def pages(live: Callable[[], Live[Any]], customers: bool) -> Starlette:
    """``/model``, ``/docs.json`` and, where wanted, ``/customers/{customer}``.

    Args:
        live: finds the champion of the running service.
        customers: whether it knows customers.
    """

    async def model(_: Request) -> Response:
        found = live()
        return _json(found.loaded.model.model_copy(update={"refused": found.refusal}))

    async def docs(_: Request) -> Response:
        loaded = live().loaded
        return JSONResponse(document(loaded.examples | {"/model": (None, loaded.model)}))

    async def customer(request: Request) -> Response:
        try:
            return _json(live().loaded.customer(request.path_params["customer"]))
        except BentoMLException as error:
            return JSONResponse({"error": str(error)}, error.error_code)

    of_customers = [Route("/customers/{customer}", customer)] if customers else []
    return Starlette(routes=[Route("/model", model), Route("/docs.json", docs), *of_customers])


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")
