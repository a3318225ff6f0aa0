"""Letters by e-mail, over the operator's SMTP server."""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from typing import Literal, Protocol

from xiaoer.errors import Invalid, Unavailable
from xiaoer.patterns import lazy

Security = Literal["starttls", "tls", "none"]
ADDRESS = lazy(r"[^@\s<>\"'(),:;\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?")
LONGEST_SUBJECT = 200
LONGEST_TEXT = 100_000


class BadAddress(Invalid):
    """Not an address that mail can be sent to."""


class NotSent(Unavailable):
    """The mail server does not answer, or does not take the letter now; trying again may work."""


@dataclass(frozen=True)
class Letter:
    """A letter in plain text to one person or several, each of whom sees the others."""

    to: Sequence[str]
    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where letters are handed in, and in whose name."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = None
    security: Security = "starttls"
    seconds: float = 20.0


class Mailer(Protocol):
    """Whoever sends letters; raises `BadAddress` or `NotSent`."""

    async def send(self, letter: Letter) -> None: ...


class SMTPMailer:
    """Sends by SMTP, one connection a letter, in a thread."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, letter: Letter) -> None:
        message = composed(letter, self._server.sender)
        await asyncio.to_thread(self._hand_in, message)

    def _hand_in(self, message: EmailMessage) -> None:
        server = self._server
        try:
            with self._connected() as connection:
                if server.security == "starttls":
                    connection.starttls(context=ssl.create_default_context())
                if server.user:
                    connection.login(server.user, server.password or "")
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise BadAddress("The mail server takes no letters for this address.") from error
        except (OSError, smtplib.SMTPException) as error:
            # What a mail server answers may hold addresses: only the kind of failure is shown.
            raise NotSent(f"The mail server {server.host} did not take the letter ({type(error).__name__}).") from error

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.seconds, context=context)
        return smtplib.SMTP(server.host, server.port, timeout=server.seconds)


def checked_address(written: str) -> str:
    """The address without surrounding space; raises `BadAddress` for what could not be one, or could smuggle lines."""
    address = written.strip()
    if not ADDRESS.fullmatch(address):
        raise BadAddress("This is not an e-mail address.")
    return address


def composed(letter: Letter, sender: str) -> EmailMessage:
    """The letter as it goes out; raises `BadAddress`. Nothing in it can become a header of its own."""
    message = EmailMessage()
    message["From"] = formataddr(("", checked_address(sender)))
    message["To"] = ", ".join(checked_address(address) for address in letter.to)
    message["Subject"] = " ".join(letter.subject.split())[:LONGEST_SUBJECT]
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # keeps holiday responders from answering
    message.set_content(letter.text[:LONGEST_TEXT])
    return message
