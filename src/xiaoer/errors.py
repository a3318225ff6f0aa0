"""The five kinds of failure the domain knows; every message is safe to show to whoever caused it.

XiaoerError
├── NotFound      what was named does not exist (or is not the caller's to see)
├── Forbidden     the caller may not do this
├── Conflict      the state of things does not allow it now
├── Invalid       the input is malformed; the message says how to mend it
└── Unavailable   an outside part does not answer; trying again later may work

A domain subclasses one of them beside the place that raises it. The domain does not know HTTP:
`web/server.py` maps kinds to status codes.
"""


class XiaoerError(Exception):
    """Base of the five kinds. `detail` is the text shown; it never holds secrets or internals."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(XiaoerError):
    """What was named does not exist, or is not the caller's to see."""


class Forbidden(XiaoerError):
    """The caller may not do this."""


class Conflict(XiaoerError):
    """The state of things does not allow it now."""


class Invalid(XiaoerError):
    """The input is malformed; the message says how to mend it."""


class Unavailable(XiaoerError):
    """An outside part does not answer; trying again later may work."""
