"""Answers as bytes: in any pieces, of any kind, and within bounds."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webserver.clients.http import MAX_BODY, MAX_HEAD, Answer, AnswerReader, NotHttp

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"
)


def read(pieces: list[bytes]) -> Answer | None:
    reader = AnswerReader()
    answer = None
    for piece in pieces:
        assert answer is None
        answer = reader.feed(piece)
    return answer


@given(st.sampled_from([PLAIN, CHUNKED]), st.sets(st.integers(1, 80)))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(whole: bytes, cuts: set[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    pieces = [whole[start:end] for start, end in itertools.pairwise(edges)]
    assert read(pieces) == Answer(200, "OK", b"hello", keep=True)


def test_an_answer_that_only_informs_is_skipped() -> None:
    assert read([b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN]) == Answer(200, "OK", b"hello", True)


def test_without_a_length_the_end_of_the_connection_ends_it() -> None:
    reader = AnswerReader()
    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nhel") is None
    assert reader.feed(b"lo") is None
    assert reader.end() == Answer(200, "OK", b"hello", keep=False)


def test_an_end_in_the_middle_is_no_answer() -> None:
    for beginning in (b"", b"HTTP/1.1 2", PLAIN[:-1], CHUNKED[:-2]):
        reader = AnswerReader()
        reader.feed(beginning)
        assert reader.end() is None
        assert reader.begun == bool(beginning)


def test_who_wants_to_close_says_so() -> None:
    answer = read([b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"])
    assert answer == Answer(200, "OK", b"", keep=False)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 999 What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1e9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * MAX_HEAD,
    ],
)
def test_what_is_no_answer_is_said_at_once(data: bytes) -> None:
    with pytest.raises(NotHttp):
        AnswerReader().feed(data)


def test_an_endless_answer_is_given_up() -> None:
    reader = AnswerReader()
    reader.feed(b"HTTP/1.1 200 OK\r\n\r\n")
    reader.feed(b"x" * MAX_BODY)
    with pytest.raises(NotHttp):
        reader.feed(b"x")


@given(st.binary(max_size=200))
def test_nothing_makes_it_fail_otherwise(data: bytes) -> None:
    reader = AnswerReader()
    try:
        reader.feed(data)
        reader.end()
    except NotHttp as error:
        assert str(error).isprintable()  # noqa: PT017
