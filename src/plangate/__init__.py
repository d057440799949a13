"""Plangate: one GraphQL graph over plans kept in several systems. README.md is the way in."""
