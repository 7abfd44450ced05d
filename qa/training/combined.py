"""Evidence and passage read together, as examples."""

from __future__ import annotations

from collections.abc import Sequence

from qa.encoding import Encoder
from qa.training.combined_data import CombinedTask
from qa.training.data import NOT_ASKED, Example
from qa.training.squad import answer_positions


def combined_examples(tasks: Sequence[CombinedTask], encoder: Encoder) -> list[Example]:
    """Encode tasks with their passages; the source of an example is the number of its task.

    The answer of a window is the first of the task's answers that it holds wholly.
    """
    examples = []
    for number, (task, group) in enumerate(zip(tasks, encoder.both_windows([t.task for t in tasks]), strict=True)):
        for window in group:
            found = (answer_positions(window, answer) for answer in task.answers)
            answer = next((positions for positions in found if positions != (0, 0)), (0, 0))
            labels = tuple(task.labels[n] for n, _, _ in window.slots)
            examples.append(Example(window, answer if task.task.passage else (NOT_ASKED, NOT_ASKED), labels, number))
    return examples
