"""The way of one raw table into the mart: every row is accepted, corrected, put in quarantine or a duplicate."""

from collections.abc import Collection, Sequence

import pandas as pd

from mixplan.config.mart import MartConfig
from mixplan.config.source import RAW_TABLES
from mixplan.mart import parse
from mixplan.mart.accounts import CORRECTION_COLUMNS, ORIGIN, Account, Cleaned, no_corrections


class Sieve:
    """One raw table, and the rules that its rows were found to break so far.

    Blank rows and repeated rows are found at once; reading a column as a value notes the rows where that fails.
    All series share the index of the raw rows, so that a cleaner is plain column arithmetic.
    """

    def __init__(self, table: str, raw: pd.DataFrame, config: MartConfig) -> None:
        self.table = table
        self.config = config
        self.raw = raw.reset_index(drop=True)
        self.text = self.raw[list(RAW_TABLES[table])].apply(parse.plain)
        self.blank = (self.text == "").all(axis=1)
        self.duplicate = self.text.duplicated() & ~self.blank
        self._broken = {"blank_row": self.blank, "duplicate": self.duplicate}
        self._corrections: list[pd.DataFrame] = []

    @property
    def kept(self) -> "pd.Series[bool]":
        """Rows that broke no rule so far."""
        return ~pd.DataFrame(self._broken).any(axis=1)

    def refuse(self, rule: str, rows: "pd.Series[bool]") -> None:
        """Note that rows break a rule; a blank row breaks no other."""
        self._broken[rule] = self._broken.get(rule, False) | (rows & ~self.blank)

    def correct(
        self,
        rule: str,
        column: str,
        rows: "pd.Series[bool]",
        *,
        old: pd.Series,
        new: pd.Series,
        reason: pd.Series | str,
    ) -> None:
        """Log that a value was replaced."""
        if not rows.any():
            return
        frame = self.raw.loc[rows, ORIGIN].assign(table=self.table, rule=rule, column=column)
        frame["old"], frame["new"] = old[rows].astype(str), new[rows].astype(str)
        frame["reason"] = reason if isinstance(reason, str) else reason[rows]
        self._corrections.append(frame[CORRECTION_COLUMNS])

    def known(self, rule: str, codes: "pd.Series[str]", allowed: Collection[str] | None) -> None:
        """Refuse codes that refer to nothing; ``allowed`` is None where the source lacks the table referred to."""
        if allowed is not None:
            self.refuse(rule, (codes != "") & ~codes.isin(allowed))

    def filled(self, column: str) -> "pd.Series[str]":
        """Text that must not be blank."""
        self.refuse("missing_value", self.text[column] == "")
        return self.text[column]

    def code(self, column: str) -> "pd.Series[str]":
        """A code; one that went through a column of floats is corrected."""
        text = self.filled(column)
        code = parse.codes(text)
        self.correct("code_as_float", column, code != text, old=text, new=code, reason="a code is no decimal number")
        return code

    def number(self, column: str) -> "pd.Series[float]":
        """A number that must be there."""
        values = parse.numbers(self.text[column])
        self.refuse("not_a_number", values.isna())
        return values

    def optional_number(self, column: str) -> "pd.Series[float]":
        """A number, NaN where the cell is blank."""
        values = parse.numbers(self.text[column])
        self.refuse("not_a_number", values.isna() & (self.text[column] != ""))
        return values

    def day(self, column: str) -> "pd.Series[pd.Timestamp]":
        """A day that must be there."""
        values = parse.days(self.text[column], self.config.earliest_day, self.config.latest_day)
        self.refuse("impossible_date", values.isna())
        return values

    def optional_day(self, column: str) -> "pd.Series[pd.Timestamp]":
        """A day, NaT where the cell is blank."""
        values = parse.days(self.text[column], self.config.earliest_day, self.config.latest_day)
        self.refuse("impossible_date", values.isna() & (self.text[column] != ""))
        return values

    def month(self, column: str) -> "pd.Series[pd.Timestamp]":
        """The first day of a month that must be there."""
        values = parse.months(self.text[column], self.config.earliest_day, self.config.latest_day)
        self.refuse("impossible_date", values.isna())
        return values

    def flag(self, column: str) -> "pd.Series[bool]":
        """Whether the cell says yes."""
        text = self.text[column]
        self.refuse("not_yes_or_no", ~text.isin([self.config.yes, self.config.no]))
        return text == self.config.yes

    def finish(self, values: pd.DataFrame, key: Sequence[str], *, unique: bool = True) -> Cleaned:
        """Part the rows, and hold the accounting law.

        Args:
            values: columns of the mart table, on the index of the raw rows.
            key: columns that the mart table is sorted by.
            unique: whether of several good rows with one key only the first may stay.

        Raises:
            AccountingError: a row is nowhere or in two places.
        """
        frame = values.join(self.raw[ORIGIN])
        if unique:
            repeated = frame[self.kept].duplicated(list(key)).reindex(frame.index, fill_value=False)
            self.refuse("key_repeated", repeated)
        kept = self.kept
        corrections = self._corrections_in(kept)
        corrected = kept.index.isin(corrections.index)
        frame = frame[kept].sort_values([*key, *ORIGIN], kind="stable", ignore_index=True)
        account = Account(
            read=len(self.raw),
            accepted=len(frame) - int(corrected.sum()),
            corrected=int(corrected.sum()),
            quarantined=int((~kept & ~self.duplicate).sum()),
            duplicates=int(self.duplicate.sum()),
        )
        account.check(self.table)
        return Cleaned(frame, self._quarantine(), corrections.reset_index(drop=True), account)

    def _quarantine(self) -> pd.DataFrame:
        broken = pd.DataFrame(self._broken)[~self.kept]
        rules = pd.Series("", index=broken.index, dtype=object)
        for rule in broken.columns[broken.any()]:
            rules = rules.mask(broken[rule], rules + "," + rule)
        out = self.raw.loc[broken.index]
        out.insert(0, "rules", rules.str.removeprefix(","))
        return out.reset_index(drop=True)

    def _corrections_in(self, kept: "pd.Series[bool]") -> pd.DataFrame:
        """Corrections of the rows that stay, still on the index of the raw rows."""
        if not self._corrections:
            return no_corrections()
        log = pd.concat(self._corrections)
        return log[kept.reindex(log.index)].sort_index(kind="stable")
