"""The process that searches patterns: a line of JSON in, and for each of its patterns a line with the spans out."""

import json
import re
import sys
import warnings

MOST_SPANS = 100


def main() -> None:
    """Answer requests until the input ends. The first line says that it has started."""
    warnings.simplefilter("ignore")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        request = json.loads(line)
        for pattern in request["patterns"]:
            spans: list[tuple[int, int]] = []
            for match in re.finditer(pattern, request["text"], re.IGNORECASE):
                spans.append(match.span())
                if len(spans) == MOST_SPANS:
                    break
            sys.stdout.write(json.dumps(spans) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
