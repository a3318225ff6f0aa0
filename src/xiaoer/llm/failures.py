"""Turns whatever goes wrong on the wire into our own words, chained to the cause."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx
import openai

from xiaoer.llm.model import ModelGarbage, ModelRefused, ModelTooSlow, ModelUnavailable, ModelUnreachable, PromptRefused

UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
"""What reading a malformed answer raises, in the SDK or here."""

_BY_STATUS: Final = {
    400: "does not accept the request: it may be too long, or ask for something the server does not know",
    401: "does not accept the API key; set the right one",
    403: "does not allow this API key to use the model",
    404: "does not have the model; check its name",
    413: "finds the request too long",
    422: "does not accept the request",
    429: "is busy or its quota is used up",
    503: "is still loading the model or is overloaded",
}
_ABOUT_THE_PROMPT: Final = frozenset({400, 413, 422})


@contextmanager
def in_our_words(model: str) -> Iterator[None]:
    """Raise every failure of the wire as a `ModelUnavailable`."""
    try:
        yield
    except ModelUnavailable:
        raise
    except (openai.APITimeoutError, httpx.TimeoutException) as error:
        raise ModelTooSlow(f"The model {model} did not answer in time.") from error
    except openai.APIStatusError as error:
        raise refusal(model, error.status_code) from error
    except (openai.APIConnectionError, httpx.HTTPError, OSError) as error:
        raise ModelUnreachable(f"The model {model} cannot be reached, or the connection broke.") from error
    except openai.APIError as error:
        raise ModelRefused(f"The server of the model {model} reported an error while answering.") from error
    except (openai.OpenAIError, *UNREADABLE) as error:
        raise ModelGarbage(f"The server of the model {model} answers what cannot be understood.") from error


def refusal(model: str, status: int) -> ModelRefused:
    """Return the refusal for an HTTP status, in words that say what to do."""
    words = _BY_STATUS.get(status, f"answers with status {status}")
    kind = PromptRefused if status in _ABOUT_THE_PROMPT else ModelRefused
    return kind(f"The server of the model {model} {words}.")
