"""Collecting problems, so that one run reports all of them."""

from __future__ import annotations

from cardlab.cap.errors import ConversionError, Problem


class Problems:
    """The findings of one conversion, which end it after a step, not at the first."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []

    def error(self, class_name: str, method: str, line: int, message: str) -> None:
        """Note an error once."""
        problem = Problem(class_name.replace("/", "."), method, line, message)
        if problem not in self.errors:
            self.errors.append(problem)

    def stop(self) -> None:
        """Raise everything found, if there is any error."""
        if self.errors:
            raise ConversionError(tuple(self.errors))
