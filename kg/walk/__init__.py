"""Walks over the graph: what lies around an entity, paths, the hierarchy, closeness and likeness.

`open_walks(graph)` takes identifiers and gives entities and facts. Beneath it are pure functions on numbers: `from_graph` copies the
facts into `SparseRows`, `rows.only` narrows them to some predicates, and what a kind of walk needs besides is made once by a function
of its own (`weigh` for paths, `transitions` for ranks, `phenotype_profiles` for likeness) and handed to the walk.
"""

from kg.walk.hierarchy import ancestors, common_ancestors, descendants, lowest_common_ancestors, roll_up
from kg.walk.paths import k_best_paths, shortest_path, weigh
from kg.walk.rank import highest, personalised_pagerank, transitions
from kg.walk.reach import facts_among, neighbourhood, reach
from kg.walk.similarity import information_content, phenotype_profiles, similar_diseases
from kg.walk.sparse import SparseRows, Steps, from_graph, one_hop, rows_of, two_hops
from kg.walk.walks import Walks, open_walks

__all__ = [
    "SparseRows",
    "Steps",
    "Walks",
    "ancestors",
    "common_ancestors",
    "descendants",
    "facts_among",
    "from_graph",
    "highest",
    "information_content",
    "k_best_paths",
    "lowest_common_ancestors",
    "neighbourhood",
    "one_hop",
    "open_walks",
    "personalised_pagerank",
    "phenotype_profiles",
    "reach",
    "roll_up",
    "rows_of",
    "shortest_path",
    "similar_diseases",
    "transitions",
    "two_hops",
    "weigh",
]
