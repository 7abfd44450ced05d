"""Asks a SPARQL 1.1 endpoint over HTTP, with limits of time and size."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import httpx
import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, Triple

from kg.errors import EndpointError

TIMEOUT = 60.0
"""Seconds that an answer may take."""
MEGABYTES = 1_024
"""Size that an answer may have."""

Row = tuple[NamedNode | BlankNode | Literal | Triple | None, ...]

_ACCEPT = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
_QUOTED = 200
# No engine's own limit lets an ordered answer be longer: it is what Virtuoso ships with.
_PAGE = 10_000


class SparqlClient:
    """The client of one endpoint; any number of threads may use it.

    Args:
        client: What speaks HTTP.
        url: The address to which queries go.
        timeout: Seconds that an answer may take.
        megabytes: Size that an answer may have.
    """

    def __init__(self, client: httpx.Client, url: httpx.URL, timeout: float, megabytes: int = MEGABYTES) -> None:
        self._client = client
        self._url = url
        self._timeout = timeout
        self._size = megabytes * 2**20
        # How many rows are known to come uncut.
        self._uncut = 0
        # Names and passwords that are part of an address are for the server only.
        self.name = str(url.copy_with(username=None, password=None))

    def select(self, variables: Sequence[str], query: str) -> list[Row]:
        """Return the rows of a SELECT query, each with the terms of these variables.

        Raises:
            EndpointError: There is no answer, it is too late, too long or an error, or is no result of this query.
        """
        solutions = self._results(query)
        if not isinstance(solutions, pyoxigraph.QuerySolutions):
            raise EndpointError(f"{self.name} answered a SELECT query with true or false; expected rows")
        try:
            columns = [variable.value for variable in solutions.variables]
            if missing := [name for name in variables if name not in columns]:
                raise self._no_results(f"its rows have no {', '.join(missing)}")
            return [tuple(solution[name] for name in variables) for solution in solutions]
        except (SyntaxError, ValueError) as error:
            raise self._no_results(str(error)) from error
        finally:
            # Only the thread that made them may drop them, but the traceback of an error would hand them to any.
            del solutions

    def select_whole(self, variables: Sequence[str], pattern: str, key: str) -> list[Row]:
        """Return every distinct row of a pattern, also from a server that cuts its answers to a number of rows and does not say so.

        Args:
            variables: What is wanted, without question marks.
            pattern: Between the braces of WHERE.
            key: The variable, bound to IRIs, by whose value rows are asked for page by page where that is needed.

        Raises:
            EndpointError: As in `select`; or rows are missing.
        """
        query = f"SELECT DISTINCT {_listed(variables)} WHERE {{ {pattern} }}"
        rows = self.select(variables, query)
        if len(rows) <= self._uncut:
            return rows
        count = self._count(query)
        if len(rows) < count:
            self._uncut = max(self._uncut, len(rows) - 1)
            rows = list(self._pages(variables, pattern, key, min(len(rows), _PAGE)))
        else:
            self._uncut = max(self._uncut, len(rows))
        if len(rows) != count:
            raise EndpointError(f"{self.name} gave {len(rows)} of {count} rows; is its data being changed, or its limit of rows very low?")
        return rows

    def _pages(self, variables: Sequence[str], pattern: str, key: str, size: int) -> Iterator[Row]:
        """Yield the rows in the order of a key, asking on from the last key of which all rows have come for certain."""
        column, after = variables.index(key), ""
        while True:
            rest = f"{pattern} FILTER(STR(?{key}) > {Literal(after)}) BIND(STR(?{key}) AS ?order)"
            page = self.select(variables, f"SELECT DISTINCT {_listed(variables)} ?order WHERE {{ {rest} }} ORDER BY ?order LIMIT {size}")
            if not page:
                return
            keys = [text_of(row[column]) for row in page]
            last = keys[-1]
            # The rows of the last key may be cut; if there is no other, they are all that the server gives.
            whole = [row for row, key_ in zip(page, keys, strict=True) if key_ != last]
            yield from whole or page
            after = text_of(whole[-1][column]) if whole else last

    def _count(self, query: str) -> int:
        rows = self.select(("n",), f"SELECT (COUNT(*) AS ?n) WHERE {{ {{ {query} }} }}")
        try:
            ((number,),) = rows
            return int(text_of(number))
        except ValueError as error:
            raise self._no_results("a count is no number") from error

    def ask(self, query: str) -> bool:
        """Return the answer of an ASK query.

        Raises:
            EndpointError: There is no answer, it is too late, too long or an error, or is no result of an ASK query.
        """
        answer = self._results(query)
        if isinstance(answer, pyoxigraph.QueryBoolean):
            return bool(answer)
        del answer  # as in `select`
        raise EndpointError(f"{self.name} answered an ASK query with rows; expected true or false")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _results(self, query: str) -> pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean:
        content, media_type = self._answer(query)
        form = QueryResultsFormat.from_media_type(media_type)
        if form is None or form == QueryResultsFormat.CSV:
            raise self._no_results(f"the answer is {media_type or 'of no stated type'}")
        try:
            return pyoxigraph.parse_query_results(content, format=form)
        except (SyntaxError, ValueError) as error:
            raise self._no_results(str(error)) from error

    def _answer(self, query: str) -> tuple[bytes, str]:
        """Return the body of the answer and its media type."""
        deadline = time.monotonic() + self._timeout
        content = bytearray()
        try:
            with self._client.stream("POST", self._url, data={"query": query}) as response:
                # The library's own timeouts are for each read; a server that trickles would never meet them.
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > self._size:
                        raise EndpointError(f"{self.name} answered with more than {self._size // 2**20} MB, which is not taken")
                    if time.monotonic() > deadline:
                        raise EndpointError(f"{self.name} did not finish its answer within {self._timeout:g} seconds")
        except httpx.TimeoutException as error:
            raise EndpointError(f"{self.name} did not answer within {self._timeout:g} seconds") from error
        except httpx.HTTPError as error:
            raise EndpointError(f"{self.name} cannot be reached: {error or type(error).__name__}; does the server run there?") from error
        if response.status_code != httpx.codes.OK:
            raise EndpointError(f"{self.name} answered {response.status_code} {response.reason_phrase}: {_beginning(response, content)}")
        return bytes(content), response.headers.get("content-type", "")

    def _no_results(self, reason: str) -> EndpointError:
        return EndpointError(f"{self.name} did not answer with SPARQL results: {reason}; expected the address to which queries are sent")


def _listed(variables: Sequence[str]) -> str:
    return " ".join(f"?{name}" for name in variables)


def text_of(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    """Return the text of a term: an IRI, the words of a literal."""
    return str(getattr(term, "value", term))


def _beginning(response: httpx.Response, content: bytearray) -> str:
    if "location" in response.headers:
        return f"it moved to {response.headers['location'][:_QUOTED]}"
    text = " ".join(content[: 4 * _QUOTED].decode("utf-8", "replace").split())
    return text[:_QUOTED] or "no reason given"


def open_client(url: str, timeout: float = TIMEOUT) -> SparqlClient:
    """Make a client of an endpoint; nothing is asked yet.

    Raises:
        EndpointError: The address is none of HTTP.
    """
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise EndpointError(f"{url!r} is no address: {error}") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise EndpointError(f"{url!r} is no address of an endpoint: expected one such as http://localhost:7878/query")
    client = httpx.Client(
        headers={"Accept": _ACCEPT},
        timeout=timeout,
        transport=httpx.HTTPTransport(retries=1),
        follow_redirects=False,  # an answer of another address than the one that was named would pass for this one's
    )
    return SparqlClient(client, address, timeout)
