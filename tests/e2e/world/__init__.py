"""A small made-up world of logs: two accounts, a few hosts and users, and one planted event for every finding
type that can be raised. The same arguments give the same bytes."""

from .corpus import Corpus, build

__all__ = ["Corpus", "build"]
