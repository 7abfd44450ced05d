"""What is damaged, is not what its name says, or means harm: a clear error that names the file and the line, from every reader alike."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse, serialize

from kg.errors import DataError
from kg.imports import Order, import_source
from kg.merge import collect, merge
from kg.model import Source
from kg.sources.compact import read_compact
from kg.sources.records import Entity, Fact, Format, Mapping, Options, Record
from kg.sources.registry import FORMATS

FIXTURES = Path(__file__).parents[1] / "fixtures"
COMPRESS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
COMPACT = Format("compact", read_compact, "what ships")
_numbers = count()


@dataclass(frozen=True)
class Sample:
    """A small file that can be read, and how.

    Attributes:
        format: Its format.
        files: The file, and those that belong to it.
        main: The one that is damaged.
        word: A word in it.
        folder: True where the directory is read, False where the file is.
    """

    format: Format
    files: dict[str, bytes]
    main: str
    word: bytes = b"Fever"
    folder: bool = False

    @property
    def content(self) -> bytes:
        return self.files[self.main]

    def put(self, directory: Path, content: bytes, suffix: str = "") -> Path:
        """Write the files, the main one with other content, and return what is to be read."""
        directory = directory / f"{next(_numbers)}"
        directory.mkdir()
        for name, own in self.files.items():
            if name != self.main:
                (directory / name).write_bytes(own)
        path = directory / (self.main + suffix)
        path.write_bytes(content)
        return directory if self.folder else path

    def read(self, path: Path) -> list[Record]:
        directory = path if path.is_dir() else path.parent
        return list(self.format.read(path, Options("test", mapping=directory / "a.yaml")))

    def error(self, path: Path) -> DataError:
        """Read what must be refused, and return the error, which names the file in one line."""
        with pytest.raises(DataError) as caught:
            self.read(path)
        message = str(caught.value)
        assert self.main in caught.value.path.name
        assert message.isprintable()
        assert len(message) < 700
        return caught.value


def ontology(format_: str, name: str) -> Sample:
    return Sample(FORMATS[format_], {name: (FIXTURES / "ontology" / name).read_bytes()}, name)


def rdf(format_: str, suffix: str) -> Sample:
    form = RdfFormat.from_extension(suffix)
    assert form is not None
    text = serialize(parse((FIXTURES / "ontology" / "airways.ttl").read_bytes(), RdfFormat.TURTLE), format=form)
    assert text is not None
    return Sample(FORMATS[format_], {f"airways.{suffix}": text}, f"airways.{suffix}")


def table(format_: Format, main: str, word: bytes = b"Fever", folder: bool = True) -> Sample:
    files = {path.name: path.read_bytes() for path in sorted((FIXTURES / "samples" / format_.name).iterdir())}
    return Sample(format_, files, main, word, folder)


ONTOLOGIES = {
    "obo": ontology("obo", "airways.obo"),
    "obographs": ontology("obographs", "airways.json"),
    "owl functional": ontology("owl", "airways.ofn"),
    "owl xml": ontology("owl", "airways.owx"),
    "rdfxml": ontology("rdfxml", "airways.owl"),
    "turtle": ontology("turtle", "airways.ttl"),
    "ntriples": rdf("ntriples", "nt"),
    "nquads": rdf("nquads", "nq"),
    "trig": rdf("trig", "trig"),
    "jsonld": rdf("jsonld", "jsonld"),
}
TABLES = {
    "sssom": table(FORMATS["sssom"], "a.sssom.tsv", folder=False),
    "csv": table(FORMATS["csv"], "a.csv", folder=False),
    "hpo-annotations": table(FORMATS["hpo-annotations"], "phenotype.hpoa", folder=False),
    "hpo-layperson": table(FORMATS["hpo-layperson"], "layperson-synonyms.tsv", folder=False),
    "disease-ontology-tables": table(FORMATS["disease-ontology-tables"], "HumanDO.tsv", b"influenza"),
    "hetionet": table(FORMATS["hetionet"], "hetionet-nodes.tsv"),
    "pharmacotherapydb": table(FORMATS["pharmacotherapydb"], "indications.tsv", b"influenza", folder=False),
    "sider": table(FORMATS["sider"], "meddra_all_se.tsv", b"Nausea"),
    "kgx": table(FORMATS["kgx"], "nodes.tsv"),
    "compact": table(COMPACT, "nodes.tsv"),
}
SAMPLES = ONTOLOGIES | TABLES
every = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())


def taken(records: list[Record]) -> list[Record]:
    return [record for record in records if isinstance(record, Entity | Fact | Mapping)]


@every
def test_the_sample_itself_is_taken(sample: Sample, tmp_path: Path) -> None:
    assert taken(sample.read(sample.put(tmp_path, sample.content)))
    assert taken(sample.read(sample.put(tmp_path, b"\xef\xbb\xbf" + sample.content)))


@every
def test_a_file_that_is_cut_off_is_refused(sample: Sample, tmp_path: Path) -> None:
    last_row = sample.content.rstrip().rfind(b"\n") + 1
    place = last_row + 5 if sample in TABLES.values() else len(sample.content) // 2
    error = sample.error(sample.put(tmp_path, sample.content[:place]))
    assert error.line is not None
    assert abs(error.line - sample.content.count(b"\n", 0, place) - 1) <= 1


@every
def test_a_byte_that_is_not_utf8_is_named_with_its_line(sample: Sample, tmp_path: Path) -> None:
    place = sample.content.rindex(sample.word)
    error = sample.error(sample.put(tmp_path, sample.content[:place] + b"F\xe8ver" + sample.content[place:]))
    assert error.line == sample.content.count(b"\n", 0, place) + 1
    assert "is not UTF-8: byte" in error.problem
    assert "0xe8" in error.problem


@every
def test_utf16_is_named_as_such(sample: Sample, tmp_path: Path) -> None:
    for encoding in ("utf-16", "utf-16-be"):
        content = ("\ufeff" if encoding == "utf-16-be" else "").encode(encoding) + sample.content.decode().encode(encoding)
        error = sample.error(sample.put(tmp_path, content))
        assert (error.line, error.problem) == (1, "is UTF-16: expected a file saved as UTF-8")


@every
@pytest.mark.parametrize("content", [b"", b"\n\n", b"\0" * 5_000, b"x" * 1_000_000], ids=["empty", "blank", "NUL bytes", "one long line"])
def test_a_file_that_holds_nothing_of_its_format_is_refused(sample: Sample, content: bytes, tmp_path: Path) -> None:
    path = sample.put(tmp_path, content)
    if sample.format.name == "sider" and not content.strip():  # it has no header; the import refuses what yields nothing
        assert not taken(sample.read(path))
        with pytest.raises(DataError, match="holds nothing that can be taken as sider"):
            import_source(Order(Source("test", "", "", ""), sample.format, path, Options("test")), tmp_path / "snapshot", alone=True)
    else:
        sample.error(path)


@pytest.mark.parametrize("sample", TABLES.values(), ids=TABLES.keys())
def test_a_table_that_lacks_a_column_is_refused_at_its_header(sample: Sample, tmp_path: Path) -> None:
    lines = sample.content.decode().splitlines()
    comments = sum(line.startswith("#") for line in lines)
    delimiter = "," if sample.main.endswith(".csv") else "\t"
    cut = [*lines[:comments], *(line.partition(delimiter)[2] for line in lines[comments:])]
    assert sample.error(sample.put(tmp_path, "\n".join(cut).encode())).line == comments + 1


@every
def test_a_long_line_after_what_is_good_is_refused(sample: Sample, tmp_path: Path) -> None:
    sample.error(sample.put(tmp_path, sample.content + b"x" * 1_000_000))


def test_a_statement_longer_than_the_parser_takes_is_refused(tmp_path: Path) -> None:
    sample = SAMPLES["ntriples"]
    error = sample.error(sample.put(tmp_path, b'<http://example.org/a> <http://example.org/b> "' + b"x" * 2**24))
    assert "longer than is taken" in error.problem


@pytest.mark.parametrize(
    ("sample", "suffix"),
    # What ships is compressed as .xz only.
    [
        pytest.param(s, suffix, id=name + suffix)
        for name, s in SAMPLES.items()
        for suffix in COMPRESS
        if s.format is not COMPACT or suffix == ".xz"
    ],
)
def test_compressed_files_are_read_and_damage_to_them_is_named(sample: Sample, suffix: str, tmp_path: Path) -> None:
    plain, packed = sample.read(sample.put(tmp_path, sample.content)), COMPRESS[suffix](sample.content)
    assert Counter(map(repr, sample.read(sample.put(tmp_path, packed, suffix)))) == Counter(map(repr, plain))
    assert Counter(map(repr, sample.read(sample.put(tmp_path, packed)))) == Counter(map(repr, plain))  # under a name that does not tell
    middle = len(packed) // 2
    flipped = packed[:middle] + bytes(byte ^ 0xFF for byte in packed[middle : middle + 8]) + packed[middle + 8 :]
    for content in (packed[:middle], packed[:-1], flipped, sample.content):
        assert "cannot be read: " in sample.error(sample.put(tmp_path, content, suffix)).problem


def test_a_zip_archive_is_named_as_such(tmp_path: Path) -> None:
    sample = SAMPLES["sider"]
    assert "is a zip archive" in sample.error(sample.put(tmp_path, b"PK\x03\x04...")).problem


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """80 MB of blanks that take 80 kB: a second part of a compressed file."""
    return gzip.compress(b" " * 80_000_000, 6)


@pytest.mark.parametrize("name", [name for name, sample in SAMPLES.items() if sample.format is not COMPACT])
def test_a_decompression_bomb_is_refused(name: str, bomb: bytes, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    problem = sample.error(sample.put(tmp_path, gzip.compress(sample.content) + bomb, ".gz")).problem
    assert re.match(r"unpacks to more than 6\d MiB from \d+ bytes: not taken, it looks like a decompression bomb", problem)


@every
def test_a_directory_for_a_file_and_a_file_for_a_directory_are_refused(sample: Sample, tmp_path: Path) -> None:
    wrong = tmp_path / sample.main
    wrong.write_bytes(sample.content) if sample.folder else wrong.mkdir()
    with pytest.raises(DataError) as caught:
        sample.read(wrong)
    assert caught.value.path.is_relative_to(wrong)
    with pytest.raises(DataError):
        sample.read(tmp_path / "nothing" / sample.main)


# Hypothesis shrinks little of what is found here, but finds it again: the examples are the same every time.
_edits = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),  # where
        st.sampled_from(["flip", "cut", "insert", "end", "repeat"]),
        st.integers(0, 60),
        st.sampled_from(
            [b"\0", b'"', b"<", b">", b"&", b"\\", b"\t", b"\n", b"\xff", b"\xc3", "😀".encode(), b"[", b"{", b"!", b"null", b"\x1e"]
        ),
    ),
    min_size=1,
    max_size=4,
)


def edited(content: bytes, edits: list[tuple[float, str, int, bytes]]) -> bytes:
    for where, kind, length, text in edits:
        place = int(where * len(content))
        before, after = content[:place], content[place:]
        match kind:
            case "flip":
                content = before + bytes(byte ^ 1 << length % 8 for byte in after[:1]) + after[1:]
            case "cut":
                content = before + after[length:]
            case "insert":
                content = before + text + after
            case "end":
                content = before
            case _:
                content = before + after[:length] + after
    return content


@every
def test_a_file_that_is_changed_at_random_gives_records_or_an_error(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("edited")

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(_edits)
    def check(edits: list[tuple[float, str, int, bytes]]) -> None:
        path = sample.put(directory, edited(sample.content, edits))
        try:
            records = sample.read(path)
        except DataError as error:
            assert str(error).isprintable()
        else:
            merge([collect(Source("test", "", "", ""), records)])

    check()
