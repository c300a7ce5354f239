"""A file for each consumer; each has `CONSUMER`, its class, and needs no mention anywhere else."""

import importlib
import pkgutil

from .base import Consumer


def all_consumers() -> list[type[Consumer]]:
    """In the order of the table."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")
    found = [importlib.import_module(f"{__name__}.{name}").CONSUMER for name in names]
    return sorted(found, key=lambda one: (one.place, one.name))
