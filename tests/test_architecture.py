"""The rules of the house that a machine can check: imports, the SDL, the capability table, sizes, settings."""

import enum
import inspect
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

from plangate import model
from plangate.graph import filters
from plangate.graph.schema import build_schema
from plangate.settings import Settings, described, variable
from plangate.settings.systems import UpstreamSettings
from plangate.source import QUESTIONS, Source
from plangate.sources import SOURCES
from plangate.sources.store.tables import OFFERS
from plangate.upstream import Upstream

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "plangate"
MODULES = sorted(PACKAGE.rglob("*.py"))
HISTORY = "versions"
"""The folder of migrations: each says once what was done, all at once."""
BANNED = {"utils", "helpers", "common", "manager", "base", "core", "service", "misc"}


def test_imports_point_downwards() -> None:
    """The contracts are in pyproject.toml; `lint-imports` tells which import breaks one."""
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken" in run.stdout


def test_the_sdl_is_the_one_in_the_repository() -> None:
    """`plangate schema print > schema/schema.graphql` brings it up to date; look at the diff before you commit it."""
    assert (ROOT / "schema" / "schema.graphql").read_text() == build_schema().as_str() + "\n"


def test_everything_has_a_description() -> None:
    schema = build_schema()._schema
    bare = []
    for name, type_ in schema.type_map.items():
        if name.startswith(("_", "link__")) or name in ("String", "Int", "Float", "Boolean", "ID", "FederationAny"):
            continue
        if not type_.description:
            bare.append(name)
        for member, field in {**getattr(type_, "fields", {}), **getattr(type_, "values", {})}.items():
            if not field.description and not member.startswith("_"):
                bare.append(f"{name}.{member}")
    assert [
        each
        for each in bare
        if not re.match(r"(Circuit|Visibility|PlanTimeKind|MemberStatus|ItemPosition|Role)\.", each)
    ] == []


def test_the_capability_table_is_true() -> None:
    readme = (ROOT / "README.md").read_text()
    assert capability_table() in readme, f"README's capability table should be:\n\n{capability_table()}"


def capability_table() -> str:
    """Which source answers which question, read off the classes."""
    lines = ["| question | " + " | ".join(source.name for source in SOURCES) + " |", "|---|" + ":-:|" * len(SOURCES)]
    for question in QUESTIONS:
        marks = ("✓" if question in source.capabilities else "" for source in SOURCES)
        lines.append(f"| `{question}` | " + " | ".join(marks) + " |")
    return "\n".join(lines)


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert settings_table() in readme, f"README's table of settings should be:\n\n{settings_table()}"


def settings_table() -> str:
    rows = [f"| `{variable(name)}` | {default or ''} | {description} |" for name, default, description in described()]
    return "\n".join(["| variable | default | |", "|---|---|---|", *rows])


@pytest.mark.parametrize(
    ("kind", "filter", "order"),
    [
        (model.Plan, filters.PlanFilter, filters.PlanOrderField),
        (model.Action, filters.ActionFilter, filters.ActionOrderField),
        (model.Task, filters.TaskFilter, filters.TaskOrderField),
        (model.ServiceType, filters.ServiceTypeFilter, filters.ServiceTypeOrderField),
    ],
    ids=lambda each: each.__name__,
)
def test_the_store_offers_what_the_graph_does(
    kind: type[model.Record], filter: type[Any], order: type[enum.Enum]
) -> None:
    """More would be indexes that every write pays for and nobody can use."""
    offer = OFFERS[kind]
    systems = {source.name for source in SOURCES}  # a field named for a system is what that alone can apply
    assert set(offer.filters) == {field.name for field in fields(filter)} - {"and_", "or_", "not_"} - systems
    assert {*offer.order, *offer.orders} == {member.value for member in order}


def test_every_source_is_in_the_table_of_contents() -> None:
    folders = {path.parent.name for path in (PACKAGE / "sources").glob("*/__init__.py")}
    assert {source.name for source in SOURCES} == folders


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_source_is_made_from_its_section_of_the_settings(source: type[Source]) -> None:
    annotation = Settings.model_fields[source.name].annotation
    [section] = [each for each in get_args(annotation) or (annotation,) if each is not type(None)]
    arguments = set(inspect.signature(source).parameters)
    if issubclass(section, UpstreamSettings):
        shared = set(UpstreamSettings.model_fields) - {"workspace"}
        assert shared <= set(inspect.signature(Upstream).parameters)
        assert "options" in arguments, "passed on to Upstream as they are"
        arguments |= shared
    assert set(section.model_fields) <= arguments


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_small_and_named_for_what_they_hold(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= 500 or module.parent.name == HISTORY, (
        "more than 500 lines: split it, or argue here why not"
    )
    assert module.stem not in BANNED
    assert module.read_text().startswith('"""'), "a module says in its first line what it is"


def test_the_engine_can_be_read_in_one_sitting() -> None:
    assert sum(len(module.read_text().splitlines()) for module in (PACKAGE / "engine").glob("*.py")) < 1_000


def test_no_registry_host_and_no_path_of_a_machine_is_committed() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    words = (
        "python" + "hosted",
        "pypi" + ".org/simple",
        "registry." + "npmjs",
        "deb." + "debian",
        "/" + "root/",
        "/" + "home/",
    )
    found = [
        (name, word)
        for name in files
        if (ROOT / name).is_file() and (text := (ROOT / name).read_text(errors="ignore"))
        for word in words
        if word in text
    ]
    assert found == []
