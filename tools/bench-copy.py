#!/usr/bin/env python3
"""Copies the findings of a store in SQLite into an empty one in PostgreSQL, for the benchmark: what would take hours one
finding at a time takes minutes table by table. Indexes are made anew at the end, as pg_restore does it.

    tools/bench-copy.py STORE.db POSTGRES-URL
"""

import sqlite3
import subprocess
import sys

TABLES = ("finding", "finding_body", "attribute_path", "attribute_value", "finding_attribute", "finding_group")
#: Tables whose numbers the database gives.
NUMBERED = ("finding", "attribute_path", "attribute_value")
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def field(value) -> str:
    if value is None:
        return "\\N"
    return value.translate(ESCAPES) if isinstance(value, str) else repr(value)


def main():
    source, url = sys.argv[1:]
    psql = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", url]

    def say(text: str) -> list:
        done = subprocess.run([*psql, "-c", text], capture_output=True, text=True, check=False)
        return done.stdout.splitlines() if done.returncode == 0 else sys.exit(done.stderr)

    wanted = ", ".join(f"'{table}'" for table in TABLES)
    indexes = say(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() "
        f"AND tablename IN ({wanted}) AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    indexes = [line.split("|", 1) for line in indexes]
    for name, _ in indexes:
        say(f"DROP INDEX {name}")
    store = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    for table in TABLES:
        columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
        command = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        copy = subprocess.Popen([*psql, "-c", command], stdin=subprocess.PIPE, text=True, encoding="utf-8")
        for row in store.execute(f"SELECT {', '.join(columns)} FROM {table}"):
            copy.stdin.write("\t".join(map(field, row)) + "\n")
        copy.stdin.close()
        if copy.wait() != 0:
            sys.exit(f"{table} cannot be copied")
    for _, made in indexes:
        say(made)
    for table in NUMBERED:
        say(f"SELECT setval(pg_get_serial_sequence('{table}', 'number'), (SELECT MAX(number) FROM {table}))")


if __name__ == "__main__":
    main()
