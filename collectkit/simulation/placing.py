"""Which loans are with which agency: handing over, taking back, handing over again."""

from __future__ import annotations

import numpy as np

from collectkit.days import NEVER
from collectkit.simulation import calibration as c
from collectkit.simulation.lending import Array, Book

IN_HOUSE = -1


class Desk:
    """The placement desk: who works each loan now, and the record of all placements."""

    def __init__(self, book: Book, rng: np.random.Generator) -> None:
        loans = len(book.product)
        self.book, self.rng = book, rng
        self.agency = np.full(loans, IN_HOUSE, np.int8)
        self.last_agency = np.full(loans, IN_HOUSE, np.int8)
        self.times = np.zeros(loans, np.int64)  # placements so far
        self.row = np.zeros(loans, np.int64)  # the loan's last row of the record
        self.rows: list[tuple[Array, ...]] = []
        self.recalls: list[tuple[Array, Array]] = []
        self.since = np.zeros(loans, np.int64)  # day of the last placement or recall
        self.count = 0

    def strength(self, i: Array) -> Array:
        """True strength of whoever works the loans `i`; in-house is 1."""
        return np.array((*c.STRENGTH, 1.0))[self.agency[i]]

    def place(self, i: Array, behind: Array, due: Array) -> Array:
        """Hand over loans from more than 90 days past due on, the second time to another agency.

        Returns
        -------
        days
            Days from the due date to the hand-over made in this cycle; 0 for the other loans.
        """
        chance = np.array(c.PLACED)[self.book.product[i]] * np.where(behind == c.PLACED_FROM, 1.0, c.PLACED_LATER)
        chance = np.where(self.times[i] == 1, c.PLACED_AGAIN, chance)
        u = self.rng.random((3, len(i)))
        after = 3 + (u[2] * 7).astype(np.int64)
        can = (behind >= c.PLACED_FROM) & (self.agency[i] == IN_HOUSE) & (self.times[i] < 2)
        at = np.flatnonzero(can & (u[0] < chance) & (due + after > self.since[i]))
        loan, day = i[at], (due + after)[at]
        agency = self._choose(loan, u[1][at])
        self.rows.append((loan, agency, day, self.times[loan] + 1))
        self.row[loan] = self.count + np.arange(len(loan))
        self.count += len(loan)
        self.agency[loan] = self.last_agency[loan] = agency
        self.since[loan] = day
        self.times[loan] += 1
        days = np.zeros(len(i), np.int64)
        days[at] = after[at]
        return days

    def _choose(self, i: Array, u: Array) -> Array:
        """An agency by the size of the loan: the strong one gets the hard ones; never the last one again."""
        weight = np.array(c.AGENCY_BY_SIZE)[self.book.size[i]]
        weight = np.where(np.arange(len(c.AGENCIES)) == self.last_agency[i][:, None], 0.0, weight)
        edges = weight.cumsum(axis=1)
        return (u[:, None] * edges[:, -1:] >= edges).sum(axis=1).astype(np.int8)

    def take_back(self, i: Array, day: Array) -> None:
        """End the placements of the loans `i` on `day`; loans that are not placed are left alone."""
        at = np.flatnonzero(self.agency[i] != IN_HOUSE)
        loan = i[at]
        self.recalls.append((self.row[loan], day[at]))
        self.agency[loan] = IN_HOUSE
        self.since[loan] = day[at]

    def recall(self, i: Array, due: Array) -> None:
        """Take back some of the loans that have been away long enough."""
        day = due + 10 + (self.rng.random(len(i)) * 15).astype(np.int64)
        long = (self.agency[i] != IN_HOUSE) & (day - self.since[i] >= c.RECALL_DAYS)
        at = np.flatnonzero(long & (self.rng.random(len(i)) < c.RECALLED))
        self.take_back(i[at], day[at])

    def agency_on(self, i: Array, day: Array) -> Array:
        """Who worked the loans `i` at the end of `day`; meant for the time after the last month."""
        record = self.record()
        agency = np.full(len(i), IN_HOUSE, np.int64)
        for number in (1, 2):
            row = np.full(len(self.agency), -1, np.int64)
            of_number = np.flatnonzero(record["number"] == number)
            row[record["loan"][of_number]] = of_number
            at = np.flatnonzero(row[i] >= 0)
            placed = row[i[at]]
            is_with = (record["placed"][placed] <= day[at]) & (day[at] < record["recalled"][placed])
            agency[at[is_with]] = record["agency"][placed[is_with]]
        return agency

    def record(self) -> dict[str, Array]:
        """All placements, one array per column."""
        names = ("loan", "agency", "placed", "number")
        nothing = (np.zeros(0, np.int64),) * len(names)
        blocks = zip(*self.rows, nothing, strict=True)
        columns = {name: np.concatenate(block) for name, block in zip(names, blocks, strict=True)}
        recalled = np.full(self.count, NEVER, np.int64)
        for row, day in self.recalls:
            recalled[row] = day
        return columns | {"recalled": recalled}
