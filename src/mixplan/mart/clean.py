"""The way of one raw table into the mart: every row is accepted, corrected, put in quarantine or a duplicate."""

from collections.abc import Callable, Collection, Mapping
from functools import reduce
from operator import or_

import polars as pl

from mixplan.config.mart import MartConfig
from mixplan.config.source import RAW_TABLES
from mixplan.mart import parse, spellings
from mixplan.mart.accounts import CORRECTION_COLUMNS, ORIGIN, Account, Cleaned, Faults, Tally
from mixplan.mart.contracts import CONTRACTS, SORTED_BY
from mixplan.mart.rules import NO_FAULT, RULES, registered

_LOG = {
    "row": pl.UInt32,
    "rule": pl.Categorical,
    "column": pl.Categorical,
    "old": pl.String,
    "new": pl.String,
    "reason": pl.Categorical,
}
"""A correction as it is noted: few bytes, as an export may need one in every row."""


class Sieve:
    """One raw table or a part of it, and the rules that its rows were found to break so far.

    Blank rows and repeated rows are found at once; reading a column as a value notes the rows where that fails.
    All series have one value a raw row, so that a cleaner is plain column arithmetic; null is a value that is missing.
    """

    def __init__(self, table: str, raw: pl.DataFrame, config: MartConfig) -> None:
        self.table = table
        self.config = config
        self.raw = raw
        self.text = _plain(raw.select(RAW_TABLES[table]))
        self.blank = self.text.select(pl.all_horizontal(pl.all() == "")).to_series()
        self._first = self._first_like()
        self.duplicate = self._first.is_not_null()
        self._broken = {"blank_row": self.blank, "duplicate": self.duplicate}
        self._corrections: list[pl.DataFrame] = []

    def _first_like(self) -> pl.Series:
        """Of a repeated row the number of the first row like it, else null; only rows of equal hash are compared."""
        rows = self.text.with_row_index("row")
        suspects = rows.filter(self.text.hash_rows().is_duplicated() & ~self.blank)
        first = suspects.select("row", first=pl.col("row").first().over(self.text.columns))
        repeats = first.filter(pl.col("row") != pl.col("first"))
        return rows.select("row").join(repeats, on="row", how="left", maintain_order="left")["first"]

    @property
    def kept(self) -> pl.Series:
        """Whether each row broke no rule so far."""
        return ~reduce(or_, self._broken.values())

    def refuse(self, rule: str, rows: pl.Series) -> None:
        """Note that rows break a rule; a blank row breaks no other, and what is missing breaks none.

        Raises:
            MartError: no rule that holds rows back has this name.
        """
        registered(rule, "quarantined", "duplicate")
        broken = rows.fill_null(value=False) & ~self.blank
        self._broken[rule] = self._broken[rule] | broken if rule in self._broken else broken

    def correct(
        self,
        rule: str,
        column: str,
        rows: pl.Series,
        *,
        old: pl.Series,
        new: pl.Series,
        reason: pl.Series | None = None,
    ) -> None:
        """Log that a value was replaced; without a reason of its own the sentence of the rule says why.

        Raises:
            MartError: no rule that corrects values has this name.
        """
        registered(rule, "corrected")
        changed = rows.fill_null(value=False).arg_true()
        self._log(
            rule,
            column,
            changed,
            old.gather(changed),
            new.gather(changed),
            reason if reason is None else reason.gather(changed),
        )

    def _log(
        self, rule: str, column: str, rows: pl.Series, old: pl.Series, new: pl.Series, reason: pl.Series | None = None
    ) -> None:
        if len(rows):
            why = RULES[rule].sentence if reason is None else reason
            entry = {"row": rows, "rule": rule, "column": column, "old": old, "new": new, "reason": why}
            typed = (pl.lit(entry[name]).cast(dtype).alias(name) for name, dtype in _LOG.items())
            self._corrections.append(rows.to_frame("row").select(typed))

    def known(self, rule: str, codes: pl.Series, allowed: Collection[str] | None) -> None:
        """Refuse codes that refer to nothing; ``allowed`` is None where the source lacks the table referred to."""
        if allowed is not None:
            self.refuse(rule, (codes != "") & ~codes.is_in(pl.Series(list(allowed), dtype=pl.String).implode()))

    def filled(self, column: str) -> pl.Series:
        """Text that must not be blank."""
        self.refuse("missing_value", self.text[column] == "")
        return self.text[column]

    def code(self, column: str) -> pl.Series:
        """A code; one that went through a column of floats is corrected."""
        text = self.filled(column)
        if not text.str.contains(".", literal=True).any():
            return text
        code = self.text.select(parse.codes(pl.col(column))).to_series()
        self.correct("code_as_float", column, code != text, old=text, new=code)
        return code

    def number(self, column: str) -> pl.Series:
        """A number that must be there, in the unit of its column."""
        self.refuse("not_a_number", self.text[column] == "")
        return self.optional_number(column)

    def optional_number(self, column: str) -> pl.Series:
        """A number in the unit of its column, null where the cell is blank; none is larger than what can be."""
        respelled = spellings.numbers(pl.col(column), column)
        values = self._values("not_a_number", column, parse.numbers, respelled)
        if largest := self.config.largest.get(self.table, {}).get(column):
            self.refuse("out_of_range", values.abs() > largest)
        return values

    def day(self, column: str) -> pl.Series:
        """A day that must be there."""
        self.refuse("impossible_date", self.text[column] == "")
        return self.optional_day(column)

    def optional_day(self, column: str) -> pl.Series:
        """A day, null where the cell is blank."""
        return self._values("impossible_date", column, self._believable(parse.days), spellings.days(pl.col(column)))

    def month(self, column: str) -> pl.Series:
        """The first day of a month that must be there."""
        self.refuse("impossible_date", self.text[column] == "")
        return self._values("impossible_date", column, self._believable(parse.months), spellings.months(pl.col(column)))

    def flag(self, column: str) -> pl.Series:
        """Whether the cell says yes."""
        text = self.text[column]
        self.refuse("not_yes_or_no", ~text.is_in([self.config.yes, self.config.no]))
        return text == self.config.yes

    def _believable(self, read: Callable[..., pl.Expr]) -> Callable[[pl.Expr], pl.Expr]:
        return lambda cell: read(cell, self.config.earliest_day, self.config.latest_day)

    def _values(
        self, rule: str, column: str, read: Callable[[pl.Expr], pl.Expr], respelled: Mapping[str, pl.Expr]
    ) -> pl.Series:
        """Cells as values; those that cannot be read, not even in another spelling, break the rule."""
        values = self.text.select(read(pl.col(column))).to_series()
        unread = (values.is_null() & (self.text[column] != "")).arg_true()
        if len(unread):
            cells = self.text.select(pl.col(column).gather(unread))
            spelled = self._respell(column, unread, cells.with_columns(**respelled), list(respelled))
            values = values.scatter(unread, spelled.to_frame(column).select(read(pl.col(column))).to_series())
        self.refuse(rule, values.is_null() & (self.text[column] != ""))
        return values

    def _respell(self, column: str, rows: pl.Series, cells: pl.DataFrame, rules: list[str]) -> pl.Series:
        """Cells in a plain spelling where one of the rules, each a column, has one; each change is logged."""
        text = cells[column]
        for rule in rules:
            new = (cells[rule].is_not_null() & (cells[rule] != text)).arg_true()
            self._log(rule, column, rows.gather(new), text.gather(new), cells[rule].gather(new))
        return cells.select(pl.coalesce(*rules, column)).to_series()

    def finish(self, values: pl.DataFrame) -> Cleaned:
        """Part the rows, and hold the accounting law.

        Args:
            values: columns of the mart table, one row a raw row.

        Raises:
            AccountingError: a row is nowhere or in two places.
        """
        frame = values.hstack(self.raw.select(ORIGIN))
        if key := CONTRACTS[self.table].unique:
            self._refuse_repeated(values.select(key))
        kept = self.kept
        order = frame.select(pl.arg_sort_by(*SORTED_BY[self.table], *ORIGIN, maintain_order=True)).to_series()
        corrections = self._corrections_of(kept)
        corrected = corrections["row"].n_unique()
        account = Account(
            read=len(self.raw),
            accepted=int(kept.sum()) - corrected,
            corrected=corrected,
            quarantined=int((~kept & ~self.duplicate).sum()),
            duplicates=int(self.duplicate.sum()),
        )
        account.check(self.table)
        return Cleaned(
            frame[order.filter(kept.gather(order))],
            self._quarantine(),
            corrections.drop("row"),
            self._tally(account, corrections),
        )

    def _refuse_repeated(self, keys: pl.DataFrame) -> None:
        """Of several good rows with one key only the first may stay."""
        good = self.kept
        first = keys.with_row_index("row").filter(good).unique(keys.columns, keep="first")["row"]
        self.refuse("key_repeated", good & ~pl.int_range(len(keys), dtype=pl.UInt32, eager=True).is_in(first.implode()))

    def _corrections_of(self, kept: pl.Series) -> pl.DataFrame:
        """Corrections of the rows that stay, in the order of the rows."""
        log = pl.concat([pl.DataFrame(schema=_LOG), *self._corrections])
        order = log.select(pl.arg_sort_by("row", maintain_order=True)).to_series()
        made = log[order.filter(kept.gather(log["row"].gather(order)))]
        origin = self.raw.select(pl.col(ORIGIN).gather(made["row"]))
        table = pl.lit(self.table, dtype=pl.Categorical).alias("table")
        return made.hstack(origin).with_columns(table).select("row", *CORRECTION_COLUMNS)

    def _quarantine(self) -> pl.DataFrame:
        out = ~self.kept
        repeated = self.raw.select(pl.col(ORIGIN).gather(self._first.filter(out)))
        rules = [pl.when(pl.col(rule)).then(pl.lit(rule)) for rule in self._broken]
        return (
            pl.DataFrame(self._broken)
            .filter(out)
            .select(rules=pl.concat_str(rules, separator=",", ignore_nulls=True))
            .hstack(repeated.select(duplicate_of=pl.concat_str(ORIGIN, separator=":").fill_null("")))
            .hstack(self.raw.filter(out))
        )

    def _tally(self, account: Account, corrections: pl.DataFrame) -> Tally:
        broken = {rule: int(rows.sum()) for rule, rows in sorted(self._broken.items()) if rows.any()}
        made = corrections["rule"].value_counts().sort("rule").rows()
        return Tally(account, broken, dict(made), self._faults([rule for rule in broken if rule not in NO_FAULT]))

    def _faults(self, rules: list[str]) -> dict[str, Faults]:
        """What is wrong with the rows of each file, by rules of which each was broken."""
        rows = self.raw.select(ORIGIN).hstack([self._broken[rule].alias(rule) for rule in rules])
        faulty = rows.filter(pl.any_horizontal(pl.lit(value=False), *rules))
        by_file = faulty.partition_by("source_file", as_dict=True)
        counts = rows["source_file"].filter(~self.blank).value_counts().sort("source_file")
        return {
            name: _faults_of(count, by_file.get((name,), faulty.clear()), rules) for name, count in counts.iter_rows()
        }


def _faults_of(rows: int, faulty: pl.DataFrame, rules: list[str]) -> Faults:
    broken = {rule: hits for rule in rules if len(hits := faulty.filter(rule))}
    first = {rule: f"{hits['source_file'][0]}:{hits['source_line'][0]}" for rule, hits in broken.items()}
    return Faults(rows, len(faulty), {rule: len(hits) for rule, hits in broken.items()}, first)


def _plain(raw: pl.DataFrame) -> pl.DataFrame:
    """Plain cells; a column that was plain shares the memory of the raw one."""
    plain = raw.select(parse.plain(pl.all()))
    return raw.with_columns(text for text in plain if not text.equals(raw[text.name]))
