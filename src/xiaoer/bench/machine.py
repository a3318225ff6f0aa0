"""What every figure must be read with: the machine, the model, and how sure a rate is."""

import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path


def machine() -> str:
    """The processor and how many cores of it this process may use."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{model}, {len(os.sched_getaffinity(0))} cores"


def percentile(values: Sequence[float], percent: float) -> float:
    """By linear interpolation between the two nearest ranks."""
    if not values:
        return math.nan
    ordered = sorted(values)
    rank = (len(ordered) - 1) * percent / 100
    low = math.floor(rank)
    high = math.ceil(rank)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def interval(hits: int, tries: int, *, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate (E. B. Wilson, JASA 22, 1927)."""
    if tries == 0:
        return (0.0, 1.0)
    rate = hits / tries
    middle = (rate + z * z / (2 * tries)) / (1 + z * z / tries)
    half = z * math.sqrt(rate * (1 - rate) / tries + z * z / (4 * tries * tries)) / (1 + z * z / tries)
    return (max(0.0, middle - half), min(1.0, middle + half))
