"""Keys: of the one kind the box has, and never the same one twice unless that will do."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from store.keys import KEY_BITS, KeyPool, key_to_der, key_to_pem, make_key, own_key_from_der
from tests.helpers import a_key, openssl


def test_a_new_key_has_2048_bits_and_the_usual_exponent() -> None:
    numbers = make_key().public_key().public_numbers()
    assert (numbers.n.bit_length(), numbers.e) == (KEY_BITS, 65537)


def test_openssl_finds_a_key_in_order() -> None:
    said = openssl("pkey", "-check", "-noout", data=key_to_pem(a_key()))
    assert b"valid" in said


def test_an_own_key_comes_back_as_it_was() -> None:
    assert key_to_der(own_key_from_der(key_to_der(a_key()))) == key_to_der(a_key())


def test_a_cold_pool_makes_each_key_when_it_is_asked() -> None:
    pool = KeyPool()
    first, second = pool.take(), pool.take()
    assert first.public_key() != second.public_key()
    assert len(pool) == 0


def test_many_threads_never_take_the_same_key() -> None:
    pool = KeyPool(ahead=2)
    pool.warm()
    with ThreadPoolExecutor(4) as threads:
        keys = [future.result() for future in [threads.submit(pool.take) for _ in range(12)]]
    assert len({key.public_key().public_numbers().n for key in keys}) == 12


def test_a_warm_pool_fills_up_again_behind_the_taker() -> None:
    pool = KeyPool(ahead=2)
    pool.warm()
    until_full(pool)
    pool.take()
    until_full(pool)
    assert len(pool) == 2


def until_full(pool: KeyPool) -> None:
    deadline = time.monotonic() + 10
    while len(pool) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_key_given_back_goes_only_to_who_takes_used_ones_and_only_once() -> None:
    pool = KeyPool()
    used = a_key()
    pool.give_back(used)
    assert pool.take() is not used
    assert pool.take(used_will_do=True) is used
    assert pool.take(used_will_do=True) is not used
