"""The routes, a module a subject; each makes a router of what it needs."""
