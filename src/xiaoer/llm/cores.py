"""How many threads a model should compute with: one for each physical core that this process may use."""

import math
import os
from pathlib import Path

CPUS = Path("/sys/devices/system/cpu")
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def physical_cores(*, cpus: Path = CPUS, quota: Path = CPU_QUOTA) -> int:
    """Return the physical cores of this process, at least 1; a container's share counts rounded up."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    cores = {_siblings(cpus, number) for number in allowed}
    return max(1, min(len(cores), _share(quota)))


def _siblings(cpus: Path, number: int) -> str:
    """Threads of one core name the same siblings; where the system does not tell, each is a core of its own."""
    try:
        return (cpus / f"cpu{number}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:
        return str(number)


def _share(quota: Path) -> int:
    try:
        allowed, period = quota.read_text().split()
        return math.ceil(int(allowed) / int(period))
    except (OSError, ValueError):
        return os.cpu_count() or 1
