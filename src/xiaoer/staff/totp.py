"""A second factor: six digits that change every 30 seconds, as RFC 6238 says and every authenticator app shows."""

import base64
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS = 1
"""How many steps a telephone's clock may be off, either way."""


def new_secret() -> str:
    """160 random bits in base32, as an authenticator app takes them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address(secret: str, *, account: str, shop: str) -> str:
    """The address that an authenticator app opens, or reads from a QR code."""
    label = quote(f"{shop}:{account}", safe="")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(shop, safe='')}&digits={DIGITS}&period={STEP_SECONDS}"


def code_at(secret: str, step: int) -> str:
    """The digits of a step, which is the time since 1970 in units of 30 seconds."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    start = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def accepted_step(secret: str, code: str, *, at: datetime, after: int | None) -> int | None:
    """The step that a code is of, if it is good now and later than the last one used: no code works twice."""
    present = int(at.timestamp()) // STEP_SECONDS
    said = "".join(code.split())
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), said.encode()) and (after is None or step > after):
            return step
    return None
