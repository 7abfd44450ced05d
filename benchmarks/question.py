"""How long a question takes once everything is loaded, beside one bare forward pass of the reader at the same length.

    python -m benchmarks.question [--questions FILE] [--repeat 5]

Prints medians in milliseconds and their ratio, all from one run; the forward passes are interleaved with the questions, so that
both meet the same noise.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from qa.bert import BertReader
from qa.encoding import Window
from qa.loading import default_model, load_reader, open_pipeline
from qa.pipeline import Pipeline, Trace

_QUESTIONS = Path(__file__).parent.parent / "tests" / "fixtures" / "patient_questions.jsonl"


def main() -> int:
    """Run the benchmark and print its table."""
    options = _parser().parse_args()
    questions = [json.loads(line)["question"] for line in options.questions.read_text(encoding="utf-8").splitlines()]
    pipeline = open_pipeline()
    reader = load_reader()
    assert isinstance(reader, BertReader)
    whole: list[float] = []
    bare: list[float] = []
    lengths: list[int] = []
    for trace in [pipeline.trace(question) for question in questions]:  # a first round, to warm up and to learn the lengths
        if (windows := _windows(reader, trace)) and len(windows) == 1:
            lengths.append(len(windows[0].ids))
            whole.append(_median(partial(pipeline.ask, trace.answer.question), options.repeat))
            bare.append(_median(partial(_forward, reader, windows[0]), options.repeat))
    everything = [_median(partial(pipeline.ask, question), options.repeat) for question in questions]
    _print(pipeline, reader, questions, lengths, whole, bare, everything)
    return 0


def _print(
    pipeline: Pipeline,
    reader: BertReader,
    questions: list[str],
    lengths: list[int],
    whole: list[float],
    bare: list[float],
    everything: list[float],
) -> None:
    ratio = statistics.median(w / b for w, b in zip(whole, bare, strict=True))
    print(
        f"machine: {platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}; reader in {next(reader.model.parameters()).dtype}"
    )
    print(f"graph: {len(pipeline.graph)} entities, {pipeline.graph.manifest['facts']} facts; {len(questions)} questions")
    print(f"every question, median: {1000 * statistics.median(everything):.1f} ms")
    print(f"questions that the reader reads in one window: {len(whole)}, median length {statistics.median(lengths):.0f} tokens")
    print(f"  whole question, median: {1000 * statistics.median(whole):.1f} ms")
    print(f"  one bare forward pass at the same length, median: {1000 * statistics.median(bare):.1f} ms")
    print(f"  ratio, median: {ratio:.2f}")


def _windows(reader: BertReader, trace: Trace) -> list[Window]:
    if trace.context is None or not trace.context.slots:
        return []
    return list(reader.encoder.task_windows([trace.context.task(trace.question)])[0])


def _forward(reader: BertReader, window: Window) -> None:
    ids, types = (torch.as_tensor(row.astype("int64"))[None] for row in (window.ids, window.types))
    with torch.inference_mode():
        reader.model(ids, types)


def _median(call: Callable[[], object], repeat: int) -> float:
    """Return the median seconds of a call."""
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.question", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--questions", type=Path, default=_QUESTIONS, help=f"JSON lines with a question each; model: {default_model().name}"
    )
    parser.add_argument("--repeat", type=int, default=5, help="calls a question, of which the median counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
