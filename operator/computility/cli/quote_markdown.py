"""Quotes as Markdown, for a comment on a pull request."""

from collections.abc import Iterator, Sequence

from computility.cli.array_sections import shares
from computility.cli.candidates import candidates, describe_fit
from computility.cli.quote_words import comparison, headline
from computility.cli.quotes import Quote
from computility.cli.receipt import rejected
from computility.cli.section import Section
from computility.cli.visible import visible


def render(quotes: Sequence[Quote], source: str) -> str:
    """Render quotes; `source` is what they are compared with, "" for nothing."""
    return "\n\n".join("\n\n".join(_parts(quote, source)) for quote in quotes)


def _parts(quote: Quote, source: str) -> Iterator[str]:
    compared = comparison(quote, source)
    yield f"**{_escape(headline(quote))}**" + (f"; {_escape(compared)}" if compared else "")
    if quote.note:
        yield f"> {_escape(quote.note)}"
    first, basis = candidates(quote.job, quote.receipt, describe_fit(quote.receipt))
    below = (basis, shares(quote.receipt), rejected(quote.receipt))
    if first.rows:
        yield f"{first.title}.\n\n{_table(first)}"
    folded = [f"{section.title}\n\n{_table(section)}" for section in below if section.rows]
    if folded:
        yield "<details><summary>How it was reckoned, and what was turned down</summary>"
        yield from folded
        yield "</details>"


def _table(section: Section) -> str:
    rule = tuple("---" for _ in section.heads)
    lines = (section.heads, rule, *section.rows)
    return "\n".join(f"| {' | '.join(_escape(cell) for cell in line)} |" for line in lines)


def _escape(text: str) -> str:
    """Keep what a name or a label says from being read as Markdown or HTML."""
    text = visible(text)
    for mark in "\\`*_{}[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return text
