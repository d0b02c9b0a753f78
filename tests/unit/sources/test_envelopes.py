"""Envelopes and their compression: exact bytes, limits that hold while unpacking."""

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.errors import BadInput
from triage.sources.encodings import TooLarge, UnknownEncoding, decompress
from triage.sources.envelope import looks_like_envelope, read_envelope


def test_real_envelopes_give_their_items(shared: Path) -> None:
    for file in (shared / "samples/envelopes").glob("*.envelope"):
        body = file.read_bytes()
        said = json.loads(file.with_suffix(".req.json").read_text()) if file.with_suffix(".req.json").exists() else None
        envelope = read_envelope(body)
        assert looks_like_envelope(body[:65_536])
        if said:
            assert [item.type for item in envelope.items] == [item["type"] for item in said["items"]]
            assert [len(item.payload) for item in envelope.items] == [item["length"] for item in said["items"]]


@pytest.mark.parametrize(
    ("body", "items"),
    [
        (b'{}\n{"type":"event"}\n{"a":1}\n{"type":"event","length":3}\na\nb\n', [b'{"a":1}', b"a\nb"]),
        (b'{}\n{"type":"event","length":0}\n\n{"type":"event","length":2}\n{}', [b"", b"{}"]),
        (b'{}\n{"type":"unknown thing","length":5}\n{\n{\n{\n{"type":"event"}\nx', [b"x"]),
        (b'{"event_id":"x"}\n\n\n{"type":"event"}\r\nx\n\n\n', [b"x"]),
        (b"{}", []),
        (b"{}\n", []),
    ],
)
def test_lengths_and_implicit_ends(body: bytes, items: list[bytes]) -> None:
    assert [item.payload for item in read_envelope(body, frozenset(["event"])).items] == items


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"[]\n",
        b"not json\n",
        b'{}\n{"length":3}\nabc',
        b'{}\n{"type":"event","length":10}\nabc',
        b'{}\n{"type":"event","length":-1}\nabc',
        b'{}\n{"type":"event","length":"3"}\nabc',
        b'{}\n{"type":"event","length":true}\nabc',
        b'{}\n{"type":"event","length":2}\nabc\n',
        b'{}\n{"type":7}\nabc',
        b'{}\n"event"\nabc',
        b"{" + b" " * 2_000_000 + b"}",
        b"{}\n" + b'{"type":"a"}\n\n' * 20_000,
    ],
)
def test_malformed_envelopes_are_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        read_envelope(body)


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([b"{}", b'{"type":"event"}', b'{"type":"x","length":3}', b"\n", b"abc"])).map(b"".join)
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_an_envelope_or_refused(body: bytes) -> None:
    looks_like_envelope(body)
    try:
        read_envelope(body)
    except BadInput:
        return


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(6, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def streamed_zstd(data: bytes) -> bytes:
    stream = zstandard.ZstdCompressor().compressobj()
    return stream.compress(data) + stream.flush()


WAYS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("GZip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", lambda data: bytes(brotli.compress(data, quality=2))),
    ("zstd", zstandard.ZstdCompressor().compress),
    ("zstd", streamed_zstd),
    ("", bytes),
    ("identity", bytes),
    ("gzip, br", lambda data: bytes(brotli.compress(gzip.compress(data)))),
]


@pytest.mark.parametrize(("encoding", "pack"), WAYS)
@pytest.mark.parametrize("size", [0, 1, 5_000, 1_000_000])
def test_every_encoding_is_undone(encoding: str, pack: Callable[[bytes], bytes], size: int) -> None:
    data = (b'{"event": "x"}\n' * (size // 15 + 1))[:size]
    assert decompress(pack(data), encoding, 1_000_000) == data


@pytest.mark.parametrize(("encoding", "pack"), WAYS)
def test_a_bomb_is_stopped_while_it_unpacks(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    import tracemalloc

    wire = pack(bytes(120_000_000))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        decompress(wire, encoding, 2_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000


@pytest.mark.parametrize(("encoding", "pack"), [way for way in WAYS if way[0] not in ("", "identity")])
def test_damage_and_missing_ends_are_told(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    wire = pack(b"some text that packs " * 500)
    for broken in (wire[:-1], wire[: len(wire) // 2], wire[:3], b"\xff\xfe\xfd\xfc" * 20):
        with pytest.raises(BadInput):
            decompress(broken, encoding, 1_000_000)


def test_unknown_encodings_are_named() -> None:
    for encoding in ("snappy", "gzip, gzip, gzip", "gzip;q=1"):
        with pytest.raises(UnknownEncoding):
            decompress(b"x", encoding, 100)


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_unpack_or_are_refused(wire: bytes, encoding: str) -> None:
    try:
        assert len(decompress(wire, encoding, 10_000)) <= 10_000
    except BadInput:
        return
