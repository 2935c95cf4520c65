"""The databases of the tests, for those of deployment."""

from databases import engine, postgresql_server, postgresql_url, sqlite_url, url

__all__ = ["engine", "postgresql_server", "postgresql_url", "sqlite_url", "url"]
