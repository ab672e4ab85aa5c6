"""What the champion knows of a customer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from bentoml.exceptions import NotFound

from mixplan.artifacts.files import read_parquet
from mixplan.client.schemas import Answer, CustomerAnswer
from serving.champion import open_task


class Customers:
    """Segments, and who is at risk."""

    def __init__(self, champion: Path | None = None) -> None:
        folder, self.versions = open_task("customers", champion)
        frame = read_parquet(folder / "customers.parquet").rename(columns={"customer_code": "customer"})
        rows = frame[[name for name in CustomerAnswer.model_fields if name not in Answer.model_fields]].to_dict(
            "records"
        )
        answers = [CustomerAnswer.model_validate(self.versions | _with_nulls(row)) for row in rows]
        self.by_code = {answer.customer: answer for answer in answers}

    def answer(self, customer: str) -> CustomerAnswer:
        """Segment, risk and action of a customer.

        Raises:
            NotFound: the customer has never bought anything.
        """
        if customer not in self.by_code:
            raise NotFound(f"customer: {customer!r} has never bought anything; check the code")
        return self.by_code[customer]


def _with_nulls(row: Mapping[Any, Any]) -> dict[str, Any]:
    """What is not known is NaN in tables and null in answers."""
    return {name: None if pd.isna(value) else value for name, value in row.items()}
