"""Seals: whatever is done to a sealed day, by whatever role, is found and named."""

import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.tenancy.context import NIL_UUID
from compliance.seals import rows, sealing
from compliance.seals.chain import BEGINNING
from compliance.seals.file import SealFile
from tests import cast
from tests.compliance.trail import Tamperer, Values, clone, made_up_rows, random_uuid
from tests.guards import databases

AURORA, HORIZONTE = cast.tenant_id("aurora"), cast.tenant_id("horizonte")
LAST_DAY = datetime.now(UTC).date() - timedelta(days=3)
DAYS = [LAST_DAY - timedelta(days=number) for number in (4, 3, 2, 1, 0)]
PER_DAY = 6


@pytest.fixture(scope="module")
def tamperer(django_db_setup: None, django_db_blocker: Any) -> Iterator[Tamperer]:
    with django_db_blocker.unblock(), clone("seals") as somebody:
        somebody.make_partitions(DAYS[0] - timedelta(days=40))
        yield somebody


@pytest.fixture
def db(tamperer: Tamperer) -> None:
    """Takes the place of pytest-django's `db`: what these tests write stays, in the clone."""


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> SealFile:
    settings.AUDIT_SEAL_FILE = tmp_path / "seals" / "audit_seals.jsonl"
    return SealFile(settings.AUDIT_SEAL_FILE)


@pytest.fixture
def trail(db: None, tamperer: Tamperer, file: SealFile) -> dict[tuple[uuid.UUID, date], list[Values]]:
    """A small sealed trail: two tenants and the platform, five days, the third one without rows at Aurora."""
    tamperer.run("DELETE FROM audit_trail")
    tamperer.run("DELETE FROM audit_checkpoints")
    chance = random.Random(7)
    made = {
        (who, day): made_up_rows(who, day, PER_DAY, chance) for who in (AURORA, HORIZONTE, NIL_UUID) for day in DAYS
    }
    made[AURORA, DAYS[2]] = []
    tamperer.insert(row for of_day in made.values() for row in of_day)
    seal()
    return made


def seal(*args: str) -> str:
    out = StringIO()
    call_command("audit_seal", *args, stdout=out)
    return out.getvalue()


def verify(*args: str) -> list[str]:
    """The findings, each as a line; a verification without any ends well."""
    out = StringIO()
    try:
        call_command("audit_verify", *args, stdout=out)
    except CommandError as error:
        if not re.match(r"\d+ findings: ", str(error)):
            raise
        return out.getvalue().splitlines()[:-1]
    assert "Checked" in out.getvalue()
    return []


# --- One definition of the hash, twice -------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
NUMBER = st.integers(-(10**18), 10**18) | st.decimals(-1000, 1000, places=4).map(float) | st.just(1e30) | st.just(-0.0)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXT, children, max_size=4),
    max_leaves=8,
)
UUIDS = st.uuids()
ROWS = st.fixed_dictionaries(
    {
        "id": UUIDS,
        "tenant_id": UUIDS,
        "user_id": UUIDS,
        "operation": TEXT,
        "resource_type": TEXT,
        "resource_id": UUIDS,
        "metadata": st.none() | st.dictionaries(TEXT, JSON, max_size=5),
        "trust_score": st.none() | st.integers(-100, 100),
        "policy_decision": st.none() | TEXT,
        "created_at": st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    }
)


@pytest.mark.postgresql
@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=ROWS)
def test_row_hash_is_the_same_in_sql_and_in_python(db: None, row: Values) -> None:
    values = row | {"metadata": None if row["metadata"] is None else json.dumps(row["metadata"])}
    casts = dict.fromkeys(("id", "tenant_id", "user_id", "resource_id"), "uuid")
    casts |= {"metadata": "jsonb", "trust_score": "int", "created_at": "timestamptz"}
    columns = ", ".join(f"%s::{casts.get(name, 'text')} AS {name}" for name in rows.COLUMNS)
    texts = {name: None if value is None else str(as_on_sqlite(value)) for name, value in values.items()}

    with connection.cursor() as cursor:
        texts_sql = f"SELECT {rows.TEXTS_SQL} FROM (SELECT {columns}) AS given"
        cursor.execute(
            f"SELECT {rows.ROW_HASH_SQL} FROM ({texts_sql}) AS texts", [values[name] for name in rows.COLUMNS]
        )
        in_sql = bytes(cursor.fetchone()[0])

    assert in_sql == rows.row_hash(rows.canonical(name, texts[name]) for name in rows.COLUMNS)


def utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_on_sqlite(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"b": 1, "aa": 2}', '{"aa":2,"b":1}'),
        ('{"n": 1.50}', '{"n": 0.150e1}'),
        ('{"n": -0}', '{"n": 0}'),
        ('{"t": "\\u00e9\\u0007"}', '{"t": "é\\u0007"}'),
    ],
)
def test_spelling_of_json_does_not_matter(one: str, other: str) -> None:
    assert rows.canonical_json(one) == rows.canonical_json(other)


@pytest.mark.parametrize(
    "changed", ['{"n": 1.51}', '{"n": "1.50"}', '{"n": 1.5}', '{"N": 1.50}', '{"n": [1.50]}', "{"]
)
def test_content_of_json_does_matter(changed: str) -> None:
    assert rows.canonical("metadata", changed) != rows.canonical("metadata", '{"n": 1.50}')


@pytest.mark.parametrize(
    ("column", "stored", "text"),
    [
        ("created_at", "2026-11-22 10:00:00", "2026-11-22T10:00:00.000000Z"),
        ("created_at", "2026-11-22 10:00:00.123", "2026-11-22T10:00:00.123000Z"),
        ("created_at", "2026-11-22 10:00:00.000001", "2026-11-22T10:00:00.000001Z"),
        ("created_at", "2026-11-22T10:00:00", "2026-11-22T10:00:00"),
        ("id", "00ff" * 8, "00ff00ff-00ff-00ff-00ff-00ff00ff00ff"),
        ("id", "00FF" * 8, "00FF" * 8),
        ("operation", "2026-11-22 10:00:00", "2026-11-22 10:00:00"),
        ("trust_score", None, None),
    ],
)
def test_stored_text_is_brought_into_one_form(column: str, stored: str | None, text: str | None) -> None:
    assert rows.canonical(column, stored) == text


def test_null_and_neighbouring_texts_are_told_apart() -> None:
    assert len({rows.row_hash(texts) for texts in ([None, ""], ["", None], ["a", "b"], ["ab", ""], ["-", "-"])}) == 5


def test_numbers_keep_their_digits() -> None:
    assert rows.canonical_json("[1e2, 1.10, 123456789012345678901234567890, -0.0]") == (
        "[100, 1.10, 123456789012345678901234567890, 0.0]"
    )
    assert Decimal("1E+2")  # what the exponent would look like otherwise


# --- Sealing ---------------------------------------------------------------------------------------------------------


def test_every_finished_day_is_sealed_once_and_in_order(trail: Any, file: SealFile) -> None:
    sealed = file.read()

    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    for who in (AURORA, HORIZONTE, NIL_UUID):
        chain = sealed[who]
        assert [seal.day for seal in chain] == [DAYS[0] + timedelta(days=at) for at in range(len(chain))]
        assert chain[-1].day in (yesterday, yesterday - timedelta(days=1))  # five minutes after midnight
        assert [seal.row_count for seal in chain[:5]] == [len(trail[who, day]) for day in DAYS]
        assert chain[0].previous_seal == BEGINNING
    assert seal() == "Sealed 0 days of 0 tenants.\n"
    assert file.read() == sealed
    assert verify() == []


def test_digest_can_be_checked_without_the_product(trail: Any, file: SealFile) -> None:
    line = next(
        line for line in map(json.loads, file.path.read_bytes().splitlines()) if line["tenant_id"] == str(AURORA)
    )
    month = file.rows / line["tenant_id"] / line["day"][:7]

    assert hashlib.sha256(month.read_bytes()[: 32 * line["row_count"]]).hexdigest() == line["digest"]
    text = "\n".join([line["previous_seal"], line["tenant_id"], line["day"], str(line["row_count"]), line["digest"]])
    assert hashlib.sha256(text.encode()).hexdigest() == line["seal"]


def test_sealing_catches_up_and_binds_to_the_seal_before(
    tamperer: Tamperer, trail: Any, file: SealFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = file.read()[AURORA][-1]
    monkeypatch.setattr(sealing, "last_finished_day", lambda: last.day + timedelta(days=2))
    monkeypatch.setattr("compliance.management.commands.audit_seal.last_finished_day", sealing.last_finished_day)

    seal("--tenant", "aurora")

    chain = file.read()[AURORA]
    assert [s.day for s in chain[-3:]] == [last.day + timedelta(days=number) for number in range(3)]
    assert chain[-2].previous_seal == last.seal
    assert file.read()[HORIZONTE][-1].day == last.day
    assert verify() == []


def test_unfinished_line_of_a_crash_is_written_again(tamperer: Tamperer, trail: Any, file: SealFile) -> None:
    whole = file.path.read_bytes()
    last = file.read()[HORIZONTE][-1]
    file.path.write_bytes(whole[:-40])
    tamperer.run("DELETE FROM audit_checkpoints WHERE seal = ?", last.seal)
    assert last not in file.read()[HORIZONTE]

    seal()

    assert file.read()[HORIZONTE][-1] == last
    assert verify() == []


def test_copy_lost_in_a_crash_is_made_up_for(tamperer: Tamperer, trail: Any, file: SealFile) -> None:
    tamperer.run("DELETE FROM audit_checkpoints WHERE seal = ?", file.read()[AURORA][-1].seal)
    assert len(verify()) == 1

    seal()

    assert verify() == []


def test_sealing_refuses_a_file_that_lacks_lines(trail: Any, file: SealFile) -> None:
    file.path.write_bytes(b"".join(file.path.read_bytes().splitlines(keepends=True)[:-2]))

    with pytest.raises(CommandError, match="Restore the file"):
        seal()


def test_unknown_tenant_is_refused(trail: Any) -> None:
    with pytest.raises(CommandError, match="no active tenant"):
        verify("--tenant", "nobody")


@pytest.mark.postgresql
def test_sealing_waits_for_a_transaction_that_has_written(tamperer: Tamperer, trail: Any) -> None:
    with databases.connect() as writer:
        databases.set_context(writer, tenant=AURORA, user=AURORA)
        with writer.transaction():
            writer.execute("SELECT audit_record('read', 'post', gen_random_uuid(), '{}', 1, NULL)")
            with pytest.raises(sealing.OpenTransactionError):
                sealing.wait_for_writers(seconds=0.5)
            with databases.connect() as reader, reader.transaction():
                reader.execute("SELECT count(*) FROM audit_trail")
                with pytest.raises(sealing.OpenTransactionError, match="1 transactions"):
                    sealing.wait_for_writers(seconds=0.5)
        sealing.wait_for_writers(seconds=0.5)


# --- Tampering, one at a time ----------------------------------------------------------------------------------------

Tampering = Callable[[Tamperer, Values, list[Values]], None]


def changing(column: str, value: Any) -> Tampering:
    return lambda tamperer, row, of_day: tamperer.update(row, **{column: value})


def shifting(step: timedelta) -> Tampering:
    return lambda tamperer, row, of_day: tamperer.update(row, created_at=row["created_at"] + step)


def swap_times(tamperer: Tamperer, row: Values, of_day: list[Values]) -> None:
    first, second = of_day[0], of_day[-1]
    tamperer.update(first, created_at=second["created_at"])
    tamperer.update(second, created_at=first["created_at"])


def insert_copy(tamperer: Tamperer, row: Values, of_day: list[Values]) -> None:
    tamperer.insert([row | {"id": uuid.uuid4()}])


def replace(tamperer: Tamperer, row: Values, of_day: list[Values]) -> None:
    tamperer.delete(row)
    tamperer.insert([row | {"id": uuid.uuid4()}])


def cut_tail(tamperer: Tamperer, row: Values, of_day: list[Values]) -> None:
    for last in of_day[-2:]:
        tamperer.delete(last)


def empty_day(tamperer: Tamperer, row: Values, of_day: list[Values]) -> None:
    for each in of_day:
        tamperer.delete(each)


CHANGES: dict[str, tuple[Tampering, str]] = {
    "user": (changing("user_id", uuid.UUID(int=5)), "was changed"),
    "visitor": (changing("user_id", NIL_UUID), "was changed"),
    "operation": (changing("operation", "Read"), "was changed"),
    "resource type": (changing("resource_type", "posts"), "was changed"),
    "resource": (changing("resource_id", uuid.UUID(int=6)), "was changed"),
    "metadata": (changing("metadata", {"request_id": "x"}), "was changed"),
    "no metadata": (changing("metadata", None), "was changed"),
    "trust": (changing("trust_score", 1), "was changed"),
    "decision": (changing("policy_decision", "step_up"), "was changed"),
    "empty decision": (changing("policy_decision", ""), "was changed"),
    "id": (changing("id", uuid.UUID(int=7)), "was changed"),
    "microsecond": (shifting(timedelta(microseconds=1)), "was changed"),
    "swapped times": (swap_times, "was changed"),
    "replaced": (replace, "was changed"),
    "inserted": (insert_copy, "was inserted"),
    "deleted": (lambda tamperer, row, of_day: tamperer.delete(row), "row(s) removed"),
    "tail cut": (cut_tail, "2 row(s) removed after row"),
    "day emptied": (empty_day, f"{PER_DAY} row(s) removed before the day's first row"),
}


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize(("who", "name"), [(AURORA, "aurora"), (NIL_UUID, "platform")])
@pytest.mark.parametrize("day", [DAYS[0], DAYS[3]])
def test_one_tampering_is_named(
    tamperer: Tamperer,
    trail: dict[tuple[uuid.UUID, date], list[Values]],
    kind: str,
    who: uuid.UUID,
    name: str,
    day: date,
) -> None:
    tamper, words = CHANGES[kind]
    of_day = trail[who, day]

    tamper(tamperer, of_day[2], of_day)

    (finding,) = verify()
    assert finding.startswith(f"{name} {day} rows: ")
    assert words in finding
    if kind in ("user", "metadata", "trust", "microsecond"):
        assert str(of_day[2]["id"]) in finding


def test_row_is_named_without_its_neighbours(tamperer: Tamperer, trail: Any) -> None:
    of_day = trail[AURORA, DAYS[1]]
    tamperer.update(of_day[0], trust_score=3)
    tamperer.delete(of_day[3])
    tamperer.insert(
        [of_day[5] | {"id": uuid.UUID(int=9), "created_at": of_day[5]["created_at"] + timedelta(microseconds=1)}]
    )

    (finding,) = verify()

    after = of_day[2]
    assert finding == (
        f"aurora {DAYS[1]} rows: 6 rows were sealed, 6 are there;"
        f" row {of_day[0]['id']} of {utc(of_day[0]['created_at'])} was changed;"
        f" 1 row(s) removed after row {after['id']} of {utc(after['created_at'])};"
        f" row {uuid.UUID(int=9)} of"
        f" {utc(of_day[5]['created_at'] + timedelta(microseconds=1))} was inserted."
    )


def test_row_of_another_tenant_breaks_both_days(tamperer: Tamperer, trail: Any) -> None:
    tamperer.update(trail[AURORA, DAYS[1]][0], tenant_id=HORIZONTE)

    findings = verify()

    assert [line.split(" rows: ")[0] for line in findings] == [f"aurora {DAYS[1]}", f"horizonte {DAYS[1]}"]
    assert verify("--tenant", "horizonte") == findings[1:]


def test_row_moved_to_another_day_breaks_both(tamperer: Tamperer, trail: Any) -> None:
    row = trail[AURORA, DAYS[0]][0]
    tamperer.update(row, created_at=row["created_at"] + timedelta(days=1))

    assert [line.split(" rows: ")[0] for line in verify()] == [f"aurora {DAYS[0]}", f"aurora {DAYS[1]}"]


def test_row_in_a_day_without_rows_is_found(tamperer: Tamperer, trail: Any) -> None:
    tamperer.insert(made_up_rows(AURORA, DAYS[2], 1, random.Random(1)))

    (finding,) = verify()
    assert finding.startswith(f"aurora {DAYS[2]} rows: 0 rows were sealed, 1 are there; row ")


def test_row_before_the_first_seal_is_found(tamperer: Tamperer, trail: Any) -> None:
    early = DAYS[0] - timedelta(days=30)
    tamperer.insert(made_up_rows(AURORA, early, 1, random.Random(1)))

    (finding,) = verify()
    assert finding == f"aurora {early} rows: rows were inserted before the first sealed day, {DAYS[0]}."


def test_seals_recomputed_in_the_database_do_not_help(tamperer: Tamperer, trail: Any, file: SealFile) -> None:
    """Somebody deletes a row, seals anew in a file of their own, and puts that into the table."""
    tamperer.delete(trail[AURORA, DAYS[1]][0])
    tamperer.run("DELETE FROM audit_checkpoints")
    forged = SealFile(file.path.with_name("forged.jsonl"))
    with forged.locked(exclusive=True):
        for who in (AURORA, HORIZONTE, NIL_UUID):
            sealing.seal_tenant(who, [], forged, until=file.read()[who][-1].day)

    findings = verify()

    kinds = [line.split(":")[0] for line in findings]
    assert kinds[:2] == [f"aurora {DAYS[1]} rows", f"aurora {DAYS[1]} table"]
    assert all(kind.startswith("aurora") for kind in kinds)


@pytest.mark.parametrize("line", [0, 2])
def test_changed_line_of_the_file_is_found(trail: Any, file: SealFile, line: int) -> None:
    lines = file.path.read_bytes().splitlines(keepends=True)
    values = json.loads(lines[line])
    lines[line] = json.dumps(values | {"row_count": values["row_count"] + 1}).encode() + b"\n"
    file.path.write_bytes(b"".join(lines))

    kinds = [text.split(": ")[0].split()[-1] for text in verify()]

    assert sorted(kinds) == ["file", "rows", "table"]


def test_line_taken_from_the_file_is_found(trail: Any, file: SealFile) -> None:
    lines = file.path.read_bytes().splitlines(keepends=True)
    file.path.write_bytes(b"".join(lines[:1] + lines[2:]))

    assert [text.split(": ")[0].split()[-1] for text in verify()] == ["table", "file"]


def test_file_that_was_cut_or_lost_is_found(trail: Any, file: SealFile) -> None:
    lines = file.path.read_bytes().splitlines(keepends=True)
    file.path.write_bytes(b"".join(lines[:-1]))
    assert ["the seal file lacks" in line for line in verify()] == [True]

    file.path.unlink()
    assert len([line for line in verify() if "the seal file lacks" in line]) == len(lines)


def test_line_that_is_no_seal_is_refused(trail: Any, file: SealFile) -> None:
    with file.path.open("ab") as out:
        out.write(b'{"tenant_id": 5}\n')

    with pytest.raises(CommandError, match="is no seal"):
        verify()


@pytest.mark.parametrize("damage", ["missing", "altered"])
def test_day_is_named_without_its_row_hashes(tamperer: Tamperer, trail: Any, file: SealFile, damage: str) -> None:
    kept = file.rows / str(AURORA) / f"{DAYS[1]:%Y-%m}"
    kept.unlink() if damage == "missing" else kept.write_bytes(kept.read_bytes()[::-1])
    assert verify() == []

    tamperer.delete(trail[AURORA, DAYS[1]][0])

    (finding,) = verify()
    assert finding.endswith("6 rows were sealed, 5 are there; the file of row hashes is missing or altered, so the row"
                            " cannot be named.")  # fmt: skip


# --- Ten thousand at once --------------------------------------------------------------------------------------------

TENANTS, MANY_DAYS, ROWS_PER_CELL, TAMPERINGS = 100, 200, 5, 10_000
Cell = tuple[uuid.UUID, date]


@pytest.mark.postgresql  # sealing is the same code on both; the tests above run on both
def test_ten_thousand_tamperings_are_all_found(db: None, tamperer: Tamperer, file: SealFile) -> None:
    """100,000 rows in 20,000 cells (tenant and day), half of them tampered with, each in its own way."""
    chance = random.Random(20261122)
    tamperer.run("DELETE FROM audit_trail")
    tamperer.run("DELETE FROM audit_checkpoints")
    first = LAST_DAY - timedelta(days=MANY_DAYS - 1)
    tamperer.make_partitions(first)
    tenants = tamperer.add_tenants(TENANTS)
    days = [first + timedelta(days=number) for number in range(MANY_DAYS)]
    cells = {(who, day): made_up_rows(who, day, ROWS_PER_CELL, chance) for who in tenants for day in days}
    tamperer.insert(row for of_day in cells.values() for row in of_day)
    assert tamperer.run("SELECT count(*) FROM audit_trail")[0][0] == 100_000
    seal()

    chosen = chance.sample(sorted(cells), TAMPERINGS)
    bad: set[Cell] = set()
    with tamperer.at_once():
        for cell in chosen:
            bad |= tamper_at_random(tamperer, cell, cells[cell], tenants, days, chance)

    named = {tuple(line.split(" rows: ")[0].split()) for line in verify()}
    slugs = {who: f"tenant-{number}" for number, who in enumerate(tenants)}
    assert named == {(slugs[who], str(day)) for who, day in bad}
    assert len(bad) >= TAMPERINGS
    untouched = len(cells) - len(bad)
    assert untouched > 5_000  # the verification does not simply name every cell
    tamperer.run("DELETE FROM audit_checkpoints")


def tamper_at_random(
    tamperer: Tamperer,
    cell: Cell,
    of_day: list[Values],
    tenants: list[uuid.UUID],
    days: list[date],
    chance: random.Random,
) -> set[Cell]:
    """Do one thing to one row of the cell (or to its times, or its tail); the cells that are no longer as sealed."""
    who, day = cell
    row = chance.choice(of_day)
    match chance.choice(["column"] * 8 + ["insert", "delete", "tenant", "day", "times", "tail"]):
        case "column":
            column = chance.choice([name for name in row if name not in ("tenant_id", "created_at")])
            tamperer.update(row, **{column: another_value(column, row[column], chance)})
        case "insert":
            tamperer.insert(made_up_rows(who, day, 1, chance))
        case "delete":
            tamperer.delete(row)
        case "tenant":
            other = chance.choice([tenant for tenant in tenants if tenant != who])
            tamperer.update(row, tenant_id=other)
            return {cell, (other, day)}
        case "day":
            other_day = chance.choice([each for each in days if each != day])
            tamperer.update(row, created_at=row["created_at"] + (other_day - day))
            return {cell, (who, other_day)}
        case "times":
            first, second = chance.sample(of_day, 2)
            tamperer.update(first, created_at=second["created_at"])
            tamperer.update(second, created_at=first["created_at"])
        case "tail":
            for each in of_day[-chance.randint(1, ROWS_PER_CELL) :]:
                tamperer.delete(each)
    return {cell}


def another_value(column: str, value: Any, chance: random.Random) -> Any:
    if isinstance(value, uuid.UUID):
        return random_uuid(chance)
    if isinstance(value, dict):
        return value | {"changed": []}
    if column == "trust_score":
        return chance.choice([other for other in (None, 0, 50, 100) if other != value])
    return "" if value is None else f"{value}x"
