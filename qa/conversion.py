"""How OpenVINO and ONNX Runtime convert an encoder, and how they run it; each is imported when it is used."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from qa.runtimes import Runtime

Array = npt.NDArray[Any]
Compute = Callable[[Array, Array, Array], Array]
"""Token ids and types, int64, and which tokens are real, bool, each of shape (batch, length), to states, float32, (batch, length, width);
threads may share one."""

INPUTS = ("ids", "types", "real")


class Library(Protocol):
    """A library that runs a converted encoder.

    Attributes:
        package: Its name, as it is imported and installed.
        extra: The extra of this project that brings it and all that its conversion needs.
    """

    package: str
    extra: str

    def missing(self) -> str:
        """Return the name of a package that is needed and not installed, or an empty text."""
        ...

    def version(self) -> str:
        """Return the installed version."""
        ...

    def convert(self, module: nn.Module, example: tuple[Tensor, Tensor, Tensor], directory: Path) -> None:
        """Write a module of the inputs `INPUTS`, of any batch and length, into a directory; OSError where it cannot be written."""
        ...

    def open(self, directory: Path, threads: int) -> Compute:
        """Open what `convert` wrote."""
        ...


class OpenVino:
    """OpenVINO, which computes in bf16 where the processor does, else in fp32."""

    package, extra = "openvino", "openvino"

    def missing(self) -> str:
        """Return "openvino" where it is not installed."""
        return _missing(self.package)

    def version(self) -> str:
        """Return the installed version."""
        return version(self.package)

    def convert(self, module: nn.Module, example: tuple[Tensor, Tensor, Tensor], directory: Path) -> None:
        """Write encoder.xml and encoder.bin, in fp32."""
        openvino = _openvino()
        with _quiet():
            model = openvino.convert_model(module, example_input=example)
        openvino.save_model(model, directory / "encoder.xml", compress_to_fp16=False)

    def open(self, directory: Path, threads: int) -> Compute:
        """Compile the encoder for the CPU; one batch is computed at a time, by all threads."""
        core = _openvino().Core()
        able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if "BF16" in able else "f32",
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        request = core.compile_model(directory / "encoder.xml", "CPU", settings).create_infer_request()
        lock = Lock()

        def compute(ids: Array, types: Array, real: Array) -> Array:
            with lock:  # a request holds the inputs and outputs of one batch
                return np.array(request.infer((ids, types, real), share_inputs=True, share_outputs=True)[0], np.float32)

        return compute


class OnnxRuntime:
    """ONNX Runtime on the CPU, which computes in fp32."""

    package, extra = "onnxruntime", "onnx"

    def missing(self) -> str:
        """Return the first of the packages that running and exporting need that is not installed."""
        return _missing(self.package, "onnx", "onnxscript")

    def version(self) -> str:
        """Return the installed versions."""
        import onnxruntime  # noqa: PLC0415 - an extra; its builds for other devices are packages of other names

        return f"{onnxruntime.__version__} onnx {version('onnx')} onnxscript {version('onnxscript')}"

    def convert(self, module: nn.Module, example: tuple[Tensor, Tensor, Tensor], directory: Path) -> None:
        """Write encoder.onnx, in fp32."""
        free = torch.export.Dim.DYNAMIC
        shapes = ({0: free, 1: free},) * len(INPUTS)
        with _quiet():
            torch.onnx.export(
                module,
                example,
                directory / "encoder.onnx",
                input_names=INPUTS,
                output_names=["hidden"],
                dynamic_shapes=shapes,
                dynamo=True,
                external_data=False,
                verbose=False,
            )

    def open(self, directory: Path, threads: int) -> Compute:
        """Open a session on the CPU."""
        import onnxruntime  # noqa: PLC0415 - an extra

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(directory / "encoder.onnx", options, providers=["CPUExecutionProvider"])

        def compute(ids: Array, types: Array, real: Array) -> Array:
            found: list[Array] = session.run(None, dict(zip(INPUTS, (ids, types, real), strict=True)))
            return found[0]

        return compute


LIBRARIES: dict[Runtime, Library] = {Runtime.OPENVINO: OpenVino(), Runtime.ONNXRUNTIME: OnnxRuntime()}


def _missing(*packages: str) -> str:
    return next((package for package in packages if find_spec(package) is None), "")


def _openvino() -> Any:
    # OpenVINO reports its import and every conversion to Google Analytics unless told not to. Without this package, it cannot.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino  # noqa: PLC0415 - an extra

    return openvino


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what tracers say about transformers' code, and it about them: nobody who runs this can change it."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
