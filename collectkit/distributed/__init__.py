"""A book of any size: split into partitions, each small enough for one machine, worked on by Dask, with equal figures.

``ck.distributed.assess(partitions, …)`` is `collectkit.assess` of every partition, and so on. Dask is in the extra
``distributed`` and is loaded when it is first used.
"""

from collectkit.distributed.partitions import Partitions, is_partitioned, read_partitions
from collectkit.distributed.runs import assess, commission_statement, cube, followed, track
from collectkit.distributed.splitting import partition

__all__ = [
    "Partitions",
    "assess",
    "commission_statement",
    "cube",
    "followed",
    "is_partitioned",
    "partition",
    "read_partitions",
    "track",
]
