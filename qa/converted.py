"""The reader's encoder, converted for OpenVINO or ONNX Runtime.

A conversion takes seconds to a minute, so it is kept in the user's cache directory and done once for each reader, library and version. The
heads, a few thousand numbers, stay in torch and fp32: whatever the encoder is computed in, close answers are not rounded to a tie, and
the logits are those that `ReaderModel` gives, however many there are.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from filelock import FileLock
from platformdirs import user_cache_path
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from tqdm import tqdm
from transformers.modeling_outputs import BaseModelOutput

from kg.swap import put_in_place, restore
from qa.conversion import LIBRARIES, Compute, Library
from qa.errors import ModelError
from qa.reader_model import ReaderModel, empty_model, load_model
from qa.runtimes import Runtime

_HEADS, _MANIFEST = "heads.safetensors", "manifest.json"
_WEIGHTS = ("config.json", "model*.safetensors", "model.safetensors.index.json")
_DECIDING_CODE = ("reader_model.py", "conversion.py", "converted.py")
"""Modules whose change makes a kept conversion wrong without any change of the weights."""


class ConvertedEncoder(nn.Module):
    """Stands in a `ReaderModel` for the encoder that was converted; threads may share one.

    Args:
        config: The encoder's configuration.
        compute: The converted encoder.
    """

    def __init__(self, config: Any, compute: Compute) -> None:
        super().__init__()
        self.config, self._compute = config, compute

    def forward(
        self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor | None, position_ids: Tensor | None = None
    ) -> BaseModelOutput:
        """Return the last states, in float32, as transformers' encoders do. *Shape:* (batch, length, width).

        Args:
            input_ids: *Shape:* (batch, length).
            token_type_ids: *Shape:* (batch, length).
            attention_mask: True where a token may be seen, the same from everywhere; None, all may. *Shape:* (batch, 1, length, length).
            position_ids: Not looked at: the converted encoder counts from 0.
        """
        real = torch.ones_like(input_ids, dtype=torch.bool) if attention_mask is None else attention_mask[:, 0, 0]
        hidden = self._compute(*(tensor.contiguous().numpy() for tensor in (input_ids, token_type_ids, real)))
        return BaseModelOutput(last_hidden_state=torch.from_numpy(hidden))


class _Traced(nn.Module):
    """A BERT encoder of three plain inputs and one output, as it is traced."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor, types: Tensor, real: Tensor) -> Tensor:
        batch, length = ids.shape
        positions = torch.arange(length).expand(batch, length)
        mask = real[:, None, None, :].expand(batch, 1, length, length)
        found: Tensor = self.encoder(ids, attention_mask=mask, token_type_ids=types, position_ids=positions).last_hidden_state
        return found


def default_cache(environment: Mapping[str, str] | None = None) -> Path:
    """Return where conversions are kept: `$MEDKG_RUNTIMES`, or a directory of the user's cache; it may be removed at any time.

    Args:
        environment: Where `MEDKG_RUNTIMES` is looked up; the process's environment where None.
    """
    configured = (os.environ if environment is None else environment).get("MEDKG_RUNTIMES")
    return Path(configured).expanduser() if configured else user_cache_path("medkg") / "runtimes"


def load_converted(directory: Path, runtime: Runtime, cache: Path | None = None) -> ReaderModel:
    """Load a reader whose encoder another library computes, converting it first where no whole conversion is kept.

    Any number of processes may call this at once: one converts, the others wait for it.

    Args:
        directory: Of the reader.
        runtime: `openvino` or `onnxruntime`.
        cache: Where conversions are kept; `default_cache()` where None.

    Raises:
        ModelError: The library is not installed, the reader's files are missing or damaged, the encoder is no BERT, or the conversion
            cannot be kept.
    """
    library = LIBRARIES[runtime]
    missing = library.missing()
    if missing:
        raise ModelError(f"runtime {runtime}: {missing} is not installed; expected the extra, pip install 'medkg-qa[{library.extra}]'")
    model = empty_model(directory)
    if model.config.model_type != "bert":
        raise ModelError(f"{directory}: a model of type {model.config.model_type!r}; expected bert for the runtime {runtime}")
    kept = (cache or default_cache()) / f"{runtime}-{_key(directory, library)}"
    if not _whole(kept):
        with _only_one(kept):
            if not _whole(kept):  # another process may have converted it while this one waited
                _convert(directory, library, kept)
    return _opened(model, library, kept)


def _opened(model: ReaderModel, library: Library, kept: Path) -> ReaderModel:
    """Fill a model without storage from a conversion that is whole."""
    model.encoder = ConvertedEncoder(model.config, library.open(kept, torch.get_num_threads()))
    try:
        model.load_state_dict(load_file(kept / _HEADS), assign=True)
    except (SafetensorError, OSError, RuntimeError) as error:
        raise ModelError(f"{kept}: the heads cannot be read ({error}); remove the directory, and it is made again") from error
    return model.eval()


def _convert(directory: Path, library: Library, kept: Path) -> None:
    """Write the conversion beside its place and move it there."""
    model = load_model(directory).eval()
    partial = Path(tempfile.mkdtemp(prefix=f".{kept.name}.", suffix=".partial", dir=kept.parent))
    try:
        with tqdm(total=1, desc=f"converting the reader for {library.package}, once", unit="model") as bar:
            _traced(library, _Traced(model.encoder), partial)
            bar.update()
        save_file({name: value for name, value in model.state_dict().items() if not name.startswith("encoder.")}, partial / _HEADS)
        files = {path.name: _sha256(path) for path in sorted(partial.iterdir())}
        (partial / _MANIFEST).write_text(json.dumps(files, indent=2) + "\n", encoding="utf-8")
        put_in_place(partial, kept)
    except OSError as error:
        raise _unwritable(kept, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _traced(library: Library, module: nn.Module, directory: Path) -> None:
    try:
        library.convert(module, _example(), directory)
    except OSError:
        raise
    except Exception as error:  # tracers raise what they like
        raise ModelError(f"the reader cannot be converted for {library.package} ({type(error).__name__}: {error})") from error


def _example() -> tuple[Tensor, Tensor, Tensor]:
    """Return the inputs with which the encoder is traced: two windows, of which the second is padded. *Shape:* (2, 12)."""
    real = torch.ones(2, 12, dtype=torch.bool)
    real[1, 7:] = False
    types = torch.zeros(2, 12, dtype=torch.long)
    types[:, 3:] = 1
    return torch.arange(24).reshape(2, 12) % 5, types, real


def _whole(kept: Path) -> bool:
    """Say whether a conversion is there, with every file as it was written."""
    try:
        files = json.loads((kept / _MANIFEST).read_text(encoding="utf-8"))
        return isinstance(files, dict) and _HEADS in files and all(_sha256(kept / name) == digest for name, digest in files.items())
    except (OSError, ValueError):
        return False


@contextmanager
def _only_one(kept: Path) -> Iterator[None]:
    """Hold off other processes that would make the same conversion."""
    lock = FileLock(kept.with_name(kept.name + ".lock"))
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        Path(lock.lock_file).touch()  # where this fails for good, acquiring would wait for ever
        lock.acquire()
        restore(kept, f".{kept.name}.")  # what a killed conversion left behind
    except OSError as error:
        lock.release()
        raise _unwritable(kept, error) from error
    try:
        yield
    finally:
        lock.release()


def _unwritable(kept: Path, error: OSError) -> ModelError:
    return ModelError(f"{kept} cannot be written: {error.strerror or error}; set MEDKG_RUNTIMES to a directory that can")


def _key(directory: Path, library: Library) -> str:
    """Return the SHA-256 over all that decides what a conversion holds: the reader's files, the libraries' versions and this code."""
    versions = f"{library.package} {library.version()} torch {torch.__version__} transformers {transformers.__version__}"
    digest = hashlib.sha256(f"{versions}\0".encode())
    paths = [path for pattern in _WEIGHTS for path in sorted(directory.glob(pattern))]
    paths += [path for name in _DECIDING_CODE if (path := Path(__file__).with_name(name)).is_file()]
    try:
        for path in paths:
            digest.update(f"{path.name} {_sha256(path)}\0".encode())
    except OSError as error:
        raise ModelError(f"{directory}: the weights cannot be read ({error.strerror or error})") from error
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
