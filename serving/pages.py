"""What is asked with GET: BentoML's own endpoints are POST."""

from collections.abc import Callable

from bentoml.exceptions import BentoMLException
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serving.live import Live
from serving.openapi import document
from serving.whole import Champion


def pages(live: Callable[[], Live[Champion]]) -> Starlette:
    """``/model``, ``/customers/{customer}`` and ``/docs.json``.

    Args:
        live: finds the champion of the running service.
    """

    async def model(_: Request) -> Response:
        found = live()
        return _json(found.loaded.model.model_copy(update={"refused": found.refusal}))

    async def customer(request: Request) -> Response:
        try:
            return _json(live().loaded.customers.answer(request.path_params["customer"]))
        except BentoMLException as error:
            return JSONResponse({"error": str(error)}, error.error_code)

    async def docs(_: Request) -> Response:
        return JSONResponse(document(live().loaded.examples))

    return Starlette(
        routes=[Route("/model", model), Route("/customers/{customer}", customer), Route("/docs.json", docs)]
    )


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")
