"""What is known: the medical knowledge graph, its sources, and how it is built, opened and viewed."""

from kg.graph import Graph, SnapshotGraph, open_snapshot
from kg.model import Curie, Direction, Entity, Fact, Source
from kg.snapshot import open_graph
from kg.views import networkx_view, rdf_view

__all__ = [
    "Curie",
    "Direction",
    "Entity",
    "Fact",
    "Graph",
    "SnapshotGraph",
    "Source",
    "networkx_view",
    "open_graph",
    "open_snapshot",
    "rdf_view",
]
