"""The PostgreSQL server of the tests, for a source that reads from one."""

from databases import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]
