"""Letters over SMTP: what arrives, what is refused, and that no line can be smuggled in."""

from collections.abc import AsyncIterator

import pytest

from post_office import PostOffice, open_post_office
from xiaoer.mail import BadAddress, Letter, NotSent, Server, SMTPMailer, checked_address


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office() as opened:
        yield opened


def mailer(port: int) -> SMTPMailer:
    return SMTPMailer(Server(host="127.0.0.1", port=port, sender="desk@shop.test", security="none", seconds=5))


async def test_a_letter_arrives_as_it_was_written(office: PostOffice) -> None:
    await mailer(office.port).send(Letter(["lin@shop.test"], "工单 T-1001", "您好，\n请看一下。"))
    [letter] = office.letters
    assert (letter["To"], letter["From"], letter["Subject"]) == ("lin@shop.test", "desk@shop.test", "工单 T-1001")
    assert letter.get_content().strip().splitlines() == ["您好，", "请看一下。"]


async def test_a_subject_of_several_lines_makes_no_header_of_its_own(office: PostOffice) -> None:
    await mailer(office.port).send(Letter(["lin@shop.test"], "Hello\r\nBcc: all@shop.test", "x"))
    [letter] = office.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Hello Bcc: all@shop.test"


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\r\nBcc: c@d.test", "a b@c.test", "<a@b.test>", "a@b.test, c@d.test"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        checked_address(address)


async def test_an_address_the_server_does_not_know_is_told_apart_from_a_busy_server(office: PostOffice) -> None:
    office.refuses.add("gone@shop.test")
    with pytest.raises(BadAddress):
        await mailer(office.port).send(Letter(["gone@shop.test"], "x", "y"))
    office.busy = True
    with pytest.raises(NotSent, match="did not take"):
        await mailer(office.port).send(Letter(["lin@shop.test"], "x", "y"))


async def test_a_server_that_is_away_is_told_in_words(office: PostOffice) -> None:
    with pytest.raises(NotSent, match=r"127\.0\.0\.1"):
        await mailer(1).send(Letter(["lin@shop.test"], "x", "y"))
