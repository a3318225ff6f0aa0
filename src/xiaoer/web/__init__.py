"""HTTP: the public API, the pages and the OpenAI-compatible door."""
