"""The OpenAPI document, with the questions of the champion that answers now as its examples.

BentoML's own forgets that a field may be null, and has other errors than those that ``refusals`` sends.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from mixplan.client.schemas import (
    CustomerAnswer,
    ErrorAnswer,
    ExplainAnswer,
    ExplainRequest,
    ForecastAnswer,
    ForecastRequest,
    ModelAnswer,
    RecommendAnswer,
    RecommendRequest,
    ReorderAnswer,
    ReorderRequest,
    ScenarioAnswer,
    ScenarioRequest,
)

SCHEMAS = "#/components/schemas/{model}"
JSON = "application/json"


class Route(NamedTuple):
    """A path, and what goes in and out."""

    path: str
    summary: str
    request: type[BaseModel] | None
    answer: type[BaseModel]
    description: str = ""


ROUTES = (
    Route("/forecast", "Weekly demand with its interval", ForecastRequest, ForecastAnswer),
    Route("/explain", "What moved the forecast", ExplainRequest, ExplainAnswer),
    Route("/reorder", "Purchases to place", ReorderRequest, ReorderAnswer),
    Route(
        "/scenario",
        "What would be otherwise",
        ScenarioRequest,
        ScenarioAnswer,
        "From the champion's models and plan as they are: nothing is trained, and lots are not planned again. Each "
        "day's use of a material moves with its use in that week's demand, by the recipes; safety stocks stay. "
        "`mixplan plan` solves all of it anew.",
    ),
    Route("/recommend", "Products to offer to a customer", RecommendRequest, RecommendAnswer),
    Route("/customers/{customer}", "Segment, risk and action of a customer", None, CustomerAnswer),
    Route("/model", "Versions and cards of the champion", None, ModelAnswer),
)
REFUSALS = {
    "401": "The key is missing or unknown",
    "405": "The path has another method",
    "408": "The body came too slowly",
    "413": "The body is too long",
    "429": "Too many requests",
    "504": "The answer takes too long",
}
"""Of every path."""
NAMES = {"404": "A name that the champion does not know"}
"""Of paths that ask for names."""
BODIES = {"400": "A value is wrong", "415": "The body is not JSON"}
"""Of paths that take a body."""
RETRY = {"Retry-After": {"description": "Seconds until it may be asked again", "schema": {"type": "integer"}}}
SYSTEM = {
    "/livez": "The process runs",
    "/healthz": "The same, under the older name",
    "/readyz": "A champion is loaded",
    "/metrics": "Counts and times for Prometheus",
}


def document(examples: Mapping[str, tuple[Any, BaseModel]]) -> dict[str, Any]:
    """The OpenAPI 3.1 document.

    Args:
        examples: by path, a question and its answer; paths without one are not offered.
    """
    offered = [route for route in ROUTES if route.path in examples]
    models = [(model, "validation") for route in offered for model in (route.request, route.answer) if model]
    _, schemas = models_json_schema([*models, (ErrorAnswer, "validation")], ref_template=SCHEMAS)  # type: ignore[list-item]
    paths = {route.path: _path(route, *examples[route.path]) for route in offered}
    system = {path: {"get": {"summary": said, "responses": {"200": _said(said)}}} for path, said in SYSTEM.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "mixplan", "version": "1", "description": "A mixing plant's champions"},
        "servers": [{"url": "."}],
        "paths": paths | system,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"key": []}],
    }


def _path(route: Route, question: Any, answer: BaseModel) -> dict[str, Any]:
    possible = REFUSALS | (NAMES if question is not None else {}) | (BODIES if route.request else {})
    refusals = {status: _refusal(status, said) for status, said in sorted(possible.items())}
    good = {JSON: {"schema": _reference(route.answer), "example": answer.model_dump(mode="json")}}
    operation: dict[str, Any] = {
        "summary": route.summary,
        "description": route.description or route.summary,
        "operationId": route.path.strip("/").partition("/")[0],
        "responses": {"200": {**_said("The answer"), "content": good}, **refusals},
    }
    if route.request is None:
        if question is not None:
            operation["parameters"] = [
                {"name": "customer", "in": "path", "required": True, "schema": {"type": "string"}, "example": question}
            ]
        return {"get": operation}
    asked = {"schema": _reference(route.request), "example": question.model_dump(mode="json", exclude_unset=True)}
    operation["requestBody"] = {"required": True, "content": {JSON: asked}}
    return {"post": operation}


def _refusal(status: str, said: str) -> dict[str, Any]:
    headers = {"headers": RETRY} if status == "429" else {}
    return {**_said(said), **headers, "content": {JSON: {"schema": _reference(ErrorAnswer)}}}


def _said(text: str) -> dict[str, str]:
    return {"description": text}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": SCHEMAS.format(model=model.__name__)}
