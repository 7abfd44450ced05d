"""Which reader is opened, and which library computes its logits; nothing large is imported before one is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.bert import BertReader


class Runtime(StrEnum):
    """What computes the reader's logits.

    `auto` is torch, on CUDA where there is one, in bf16 where the device is faster in it and else in fp32. `openvino` and
    `onnxruntime` run on the CPU and come with the extras `openvino` and `onnx`; each converts the reader when it is first opened.
    OpenVINO computes in bf16 where the processor does, else in fp32, and ONNX Runtime in fp32.
    """

    AUTO = "auto"
    TORCH_FP32 = "torch-fp32"
    TORCH_BF16 = "torch-bf16"
    OPENVINO = "openvino"
    ONNXRUNTIME = "onnxruntime"


@dataclass(frozen=True, slots=True)
class ReaderChoice:
    """Which reader, and how it is run.

    Attributes:
        model: A reader directory; None, the shipped reader.
        runtime: What computes its logits.
        remembered: Tasks whose results are kept and given again (`qa.serving.CachedReader`); 0 keeps none.
        together: Callers whose tasks are read in one batch (`qa.serving.BatchingReader`); 1 reads each caller's alone.
    """

    model: Path | None = None
    runtime: Runtime = Runtime.AUTO
    remembered: int = 0
    together: int = 1


REMEMBERED = 4096
"""Results that are kept where many questions are asked of one reader: some megabytes."""

SHIPPED = ReaderChoice()
"""The reader that ships, run by torch."""


def open_reader(directory: Path, runtime: Runtime = Runtime.AUTO) -> BertReader:
    """Load a reader for a runtime.

    Args:
        directory: As `qa.training` writes it.
        runtime: What computes its logits.

    Raises:
        ModelError: A file is missing, damaged or of another architecture, or the runtime's library is not installed.
    """
    from qa.bert import BertReader  # noqa: PLC0415 - torch takes a second to import, and much does not need it

    match runtime:
        case Runtime.AUTO:
            return BertReader.load(directory)
        case Runtime.TORCH_FP32:
            return BertReader.load(directory, precision="fp32")
        case Runtime.TORCH_BF16:
            return BertReader.load(directory, precision="bf16")
        case Runtime.OPENVINO | Runtime.ONNXRUNTIME:
            from qa.converted import load_converted  # noqa: PLC0415 - brings torch in

            return BertReader.load(directory, "cpu", model=load_converted(directory, runtime))
