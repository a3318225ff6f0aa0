import stat

import pytest
from cryptography.fernet import Fernet

from xiaoer.sealing import BadKey, Seal, SealBroken


def test_a_secret_is_not_readable_as_stored_and_comes_back_whole(tmp_path):
    seal = Seal.kept_in(tmp_path)
    sealed = seal.lock("ck_live_钥匙")
    assert "ck_live" not in sealed
    assert Seal.kept_in(tmp_path).open(sealed) == "ck_live_钥匙"


def test_the_key_file_is_its_owners_only(tmp_path):
    Seal.kept_in(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_an_older_key_still_opens_and_the_first_one_locks():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Seal(old).lock("secret")
    both = Seal(f"{new}, {old}")
    assert both.open(sealed) == "secret"
    assert Seal(new).open(both.lock("secret")) == "secret"


@pytest.mark.parametrize("change", [lambda sealed: sealed[:-4] + "AAAA", lambda _: "nonsense", lambda _: ""])
def test_what_was_changed_or_locked_with_another_key_is_not_opened(change):
    sealed = Seal(Fernet.generate_key().decode()).lock("secret")
    seal = Seal(Fernet.generate_key().decode())
    for bad in (sealed, change(sealed)):
        with pytest.raises(SealBroken):
            seal.open(bad)


@pytest.mark.parametrize("keys", ["", "short", "x" * 44, ","])
def test_a_key_that_is_none_is_refused_in_words(keys):
    with pytest.raises(BadKey):
        Seal(keys)
