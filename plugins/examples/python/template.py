"""Texts with facts in them: `Dear {{contact.name | else "customer"}}`.

A fact's name stands between double braces, and optionally a text to take when
the record lacks the fact.
"""

import re

_DEFAULT = re.compile(r'\s*else\s*"([^"]*)"\s*')
_HINT = 'write {{contact.name}} or {{contact.name | else "customer"}}'


class Broken(Exception):
    """Why a text is no template: a code for programs, words for people."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class MissingFact(Exception):
    """The record lacks a fact, and the text has no default for it."""

    def __init__(self, name: str):
        super().__init__(name)
        self.name = name


class Template:
    """A text, cut at its facts."""

    def __init__(self, text: str, facts: list[str]):
        """Cuts a text that may hold these facts; raises `Broken`."""
        self._pieces: list[tuple[str, str | None, str | None]] = []
        literal, braces, rest = text.partition("{{")
        while braces:
            inside, closed, rest = rest.partition("}}")
            if not closed:
                raise Broken("bad-template", f'a "{{{{" is not closed by "}}}}"; {_HINT}')
            self._pieces.append((literal, *_fact(inside, facts)))
            literal, braces, rest = rest.partition("{{")
        self._end = literal

    def fill(self, facts: dict[str, str]) -> str:
        """The text with a record's facts in it; raises `MissingFact`."""
        text = ""
        for literal, name, default in self._pieces:
            # An empty name in a message is as bad as a missing one.
            value = facts.get(name) or default
            if value is None:
                raise MissingFact(name)
            text += literal + value
        return text + self._end


def _fact(inside: str, facts: list[str]) -> tuple[str, str | None]:
    """The name of a fact and its default, from what stands between the braces."""
    name, bar, default = inside.partition("|")
    name = name.strip()
    if name not in facts:
        raise Broken(
            "unknown-fact",
            f'"{name}" is no fact that a text may hold; these are: {", ".join(facts)}',
        )
    if not bar:
        return name, None
    quoted = _DEFAULT.fullmatch(default)
    if not quoted:
        raise Broken("bad-template", f'after "|" only `else "some text"` may stand; {_HINT}')
    return name, quoted[1]
