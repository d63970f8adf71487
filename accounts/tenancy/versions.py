"""Which PostgreSQL is too old to trust with tenants."""

# Below these, known vulnerabilities let a role read past a policy. Major version → lowest supported.
POSTGRESQL_FLOORS = {16: 160015, 17: 170011}


def too_old(version: int) -> str:
    """Why this PostgreSQL (its `server_version_num`) is refused; empty when it is not."""
    major, floor = version // 10000, POSTGRESQL_FLOORS.get(version // 10000)
    if major > max(POSTGRESQL_FLOORS) or (floor and version >= floor):
        return ""
    wanted = " or ".join(f"{number}.{lowest % 10000}" for number, lowest in POSTGRESQL_FLOORS.items())
    return f"PostgreSQL {major}.{version % 10000} is too old: {wanted} or later is needed."
