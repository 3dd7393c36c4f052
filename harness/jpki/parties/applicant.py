"""Who applies for certificates."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from jpki.certificates.holder import Holder, Sex


@dataclass(frozen=True, slots=True)
class Applicant:
    """A resident: ``user`` stays the same for life, what ``holder`` says may change (a move, a marriage)."""

    user: str
    holder: Holder

    def __post_init__(self) -> None:
        if not self.user:
            raise ValueError("an applicant has a user identifier")

    def to_json(self) -> dict[str, str]:
        """Plain text for records and messages; ``from_json`` reads it."""
        holder = self.holder
        return {
            "user": self.user,
            "name": holder.name,
            "address": holder.address,
            "birth_date": holder.birth_date.isoformat(),
            "sex": holder.sex.name,
            "prefecture": holder.prefecture,
            "city": holder.city,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, str]) -> Self:
        """The applicant again; raises ValueError when a field is missing or wrong."""
        try:
            holder = Holder(
                name=raw["name"],
                address=raw["address"],
                birth_date=datetime.date.fromisoformat(raw["birth_date"]),
                sex=Sex[raw["sex"]],
                prefecture=raw["prefecture"],
                city=raw["city"],
            )
            return cls(raw["user"], holder)
        except KeyError as error:
            raise ValueError(f"an applicant has no {error}, or it is nothing known") from error
