"""What the comparison found, per predicate and fact by fact, as Markdown, as lines or as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kg.authoring.corroborate.compare import Findings
from kg.model import Curie, Fact


class Verdict(StrEnum):
    """What the sources say of a fact; CONTRADICTION where any says the opposite, whatever the others say."""

    SUPPORT = "support"
    SILENCE = "silence"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Report:
    """The comparison of a layer with its sources.

    Attributes:
        facts: The facts, in the order of the files.
        names: The name of each node.
        findings: What the sources say of them.
        sources: The names of the sources that were read, in their order.
    """

    facts: Sequence[Fact]
    names: Mapping[Curie, str]
    findings: Findings
    sources: Sequence[str]

    def verdict(self, fact: Fact) -> Verdict:
        """Return what the sources say of a fact."""
        if fact.key in self.findings.contradicted:
            return Verdict.CONTRADICTION
        return Verdict.SUPPORT if _supported(fact, self.findings) else Verdict.SILENCE

    def rows(self, predicate: str | None = None) -> dict[str, Counter[str]]:
        """Count, by predicate and for all, the affirmed facts, those supported, those supported by each source, and those contradicted.

        A denied fact counts only where it is contradicted; one that is contradicted by one source may be supported by another.
        """
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for fact in self._of(predicate):
            for name in (fact.predicate, "all"):
                row = counts[name]
                row["facts"] += not fact.negated
                row["contradicted"] += fact.key in self.findings.contradicted
                if _supported(fact, self.findings):
                    row["supported"] += 1
                    row.update(self.findings.sources[fact.subject, fact.predicate, fact.object])
        return {name: counts[name] for name in sorted(counts, key=lambda name: (name == "all", name))}

    def table(self, predicate: str | None = None) -> Iterator[str]:
        """Yield the rows as a Markdown table, then a line for each source that is counted and not cited."""
        cited = [name for name in self.sources if name not in self.findings.compared]
        yield f"| predicate | facts | supported | share | contradicted | {' | '.join(cited)} |"
        yield f"|---|{'---:|' * (4 + len(cited))}"
        for name, row in self.rows(predicate).items():
            share = f"{row['supported'] / max(1, row['facts']):.1%}"
            by = " | ".join(str(row[source]) for source in cited)
            yield f"| {name} | {row['facts']} | {row['supported']} | {share} | {row['contradicted']} | {by} |"
        for source, (named, covered, facts) in self.compared().items():
            share = f"{named / max(1, covered):.1%}"
            yield (
                f"compared with {source}, and not written down: {named} of {covered} facts of medicines that it holds are named there "
                f"({share}), of {facts} facts of that kind in all"
            )

    def compared(self) -> dict[str, tuple[int, int, int]]:
        """Return, by source that is not cited, how many facts it names, how many are of subjects that it holds, and how many there are."""
        found = {}
        for source, named in self.findings.compared.items():
            kinds = {predicate for _, predicate, _ in named}
            facts = [fact for fact in self.facts if fact.predicate in kinds and not fact.negated]
            covered = sum(fact.subject in self.findings.covered[source] for fact in facts)
            found[source] = (len(named), covered, len(facts))
        return found

    def listing(self, verdict: Verdict, predicate: str | None = None) -> Iterator[str]:
        """Yield a line for each fact of which the sources say this, with where they say it."""
        for fact in self._of(predicate):
            if self.verdict(fact) is verdict and (verdict is Verdict.CONTRADICTION or not fact.negated):
                verb = f"{'NOT ' if fact.negated else ''}{fact.predicate}"
                where = " ".join(self._where(fact))
                yield f"{verdict}: {self.names[fact.subject]} {verb} {self.names[fact.object]}{f' ({where})' if where else ''}"

    def as_json(self, predicate: str | None = None, verdicts: Sequence[Verdict] = ()) -> dict[str, Any]:
        """Return the table and the lists of facts as what JSON can hold."""
        return {
            "sources": list(self.sources),
            "predicates": {name: dict(row) for name, row in self.rows(predicate).items()},
            "compared": {
                source: {"named": named, "covered": covered, "facts": facts} for source, (named, covered, facts) in self.compared().items()
            },
            "facts": [
                {
                    "subject": fact.subject,
                    "predicate": fact.predicate,
                    "object": fact.object,
                    "negated": fact.negated,
                    "verdict": str(self.verdict(fact)),
                    "where": self._where(fact),
                }
                for fact in self._of(predicate)
                if self.verdict(fact) in verdicts
            ],
        }

    def _of(self, predicate: str | None) -> Iterator[Fact]:
        return (fact for fact in self.facts if predicate in (None, fact.predicate))

    def _where(self, fact: Fact) -> list[str]:
        opposite = self.findings.contradicted.get(fact.key)
        support = [] if fact.negated else self.findings.support.get((fact.subject, fact.predicate, fact.object), [])
        return [opposite] if opposite is not None else support


def _supported(fact: Fact, findings: Findings) -> bool:
    return not fact.negated and (fact.subject, fact.predicate, fact.object) in findings.support
