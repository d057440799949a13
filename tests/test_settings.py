"""Settings: what goes before what, mistakes, and what may be shown."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from plangate.errors import SettingsError
from plangate.settings import Settings, described, effective, load, variable


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without configuration."""
    monkeypatch.chdir(tmp_path)


def refusal() -> str:
    with pytest.raises(SettingsError) as caught:
        load()
    assert caught.value.code == "SETTINGS"
    assert caught.value.__cause__ is None
    return caught.value.message


def test_every_setting_is_described() -> None:
    undescribed = [name for name, _, description in described() if len(description) < 10]
    assert undescribed == []
    assert len(list(described())) >= 39


def test_a_setting_without_default_is_required() -> None:
    defaults = {name: default for name, default, _ in described()}
    assert defaults["happyforce.session_id"] == "required"
    assert "PydanticUndefined" not in defaults.values()


def test_sections_are_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_by_itself_it_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_PORT", "9000")
    assert Settings().port == 8000
    assert load().port == 9000


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("plangate.toml").write_text('port = 9000\nexecutor = "stock"\n[store]\nurl = "sqlite:///a"\npool_size = 3\n')
    monkeypatch.setenv("PLANGATE_STORE__URL", "sqlite:///b")
    settings = load()
    assert (settings.port, settings.executor) == (9000, "stock")
    assert (settings.store.url, settings.store.pool_size) == ("sqlite:///b", 3)
    origins = {name: origin for name, _, origin in effective(settings)}
    assert (origins["port"], origins["store.url"], origins["host"]) == ("file", "environment", "default")


def test_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "other.toml"
    monkeypatch.setenv("PLANGATE_CONFIG", str(file))
    assert "no such file" in refusal()
    file.write_text("port = ")
    assert "is not TOML" in refusal()
    file.write_text("port = 9001")
    assert load().port == 9001


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


def test_algorithms_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_AUTHENTICATION__JWT__JWKS_URL", "https://issuer.test/keys")
    monkeypatch.setenv("PLANGATE_AUTHENTICATION__JWT__ALGORITHMS", "RS256, ES256")
    jwt = load().authentication.jwt
    assert jwt is not None and jwt.accepted == ("RS256", "ES256")


KEY = "k" * 32


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PLANGATE_EXECUTER": "stock"}, "PLANGATE_EXECUTER is no setting"),
        ({"PLANGATE_SERVICE_HOST": "10.0.0.1"}, "enableServiceLinks"),
        ({"PLANGATE_STORE__URI": "x"}, "PLANGATE_STORE__URI is no setting"),
        ({"PLANGATE_PORT__X": "1"}, "PLANGATE_PORT__X is no setting"),
        ({"PLANGATE_PORT": "many"}, "PLANGATE_PORT is not right"),
        ({"PLANGATE_EXECUTOR": "fast"}, "'compiled' or 'stock'"),
        ({"PLANGATE_ALLOWED_HOSTS": "https://plans.test"}, "PLANGATE_ALLOWED_HOSTS is not right: must be host names"),
        (
            {"PLANGATE_CURSOR_KEYS": f"{KEY} short"},
            "PLANGATE_CURSOR_KEYS is not right: each key must have 32 characters",
        ),
        ({"PLANGATE_ALLOWED_HOSTS": "plans.test:8000"}, "without scheme and port"),
        (
            {"PLANGATE_STORE": "sqlite:///x"},
            "PLANGATE_STORE is no setting. Set single values, such as PLANGATE_STORE__URL.",
        ),
        ({"PLANGATE_AUTHENTICATION__JWT": "{}"}, "such as PLANGATE_AUTHENTICATION__JWT__JWKS_URL"),
        (
            {"PLANGATE_PLANNING_CENTER__APP_ID": "a"},
            "set PLANGATE_PLANNING_CENTER__APP_ID and PLANGATE_PLANNING_CENTER__SECRET, "
            "or else PLANGATE_PLANNING_CENTER__TOKEN alone",
        ),
        ({"PLANGATE_PLANNING_CENTER__TOKEN": ""}, "PLANGATE_PLANNING_CENTER__TOKEN is not right: must not be empty"),
        ({"PLANGATE_PLANNING_CENTER__URL": "ftp://x", "PLANGATE_PLANNING_CENTER__TOKEN": "t"}, "http:// or https://"),
        ({"PLANGATE_PLANNING_CENTER__TIME_ZONE": "Mars", "PLANGATE_PLANNING_CENTER__TOKEN": "t"}, "Europe/London"),
        ({"PLANGATE_FEDERATION__TYPE_PREFIX": "plan_"}, "must be a capital letter and more letters or digits"),
        (
            {"PLANGATE_FEDERATION__PREFIXED_TYPES": "Person"},
            "PLANGATE_FEDERATION__PREFIXED_TYPES needs PLANGATE_FEDERATION__TYPE_PREFIX",
        ),
        (
            {"PLANGATE_AUTHENTICATION__JWT__ISSUER": "x"},
            "set PLANGATE_AUTHENTICATION__JWT__JWKS_URL or PLANGATE_AUTHENTICATION__JWT__KEY",
        ),
        ({"PLANGATE_AUTHENTICATION__JWT__KEY": "short"}, "PLANGATE_AUTHENTICATION__JWT__KEY must have 32 bytes"),
        ({"PLANGATE_AUTHENTICATION__JWT__KEY": ""}, "PLANGATE_AUTHENTICATION__JWT__KEY must have 32 bytes"),
        (
            {"PLANGATE_AUTHENTICATION__JWT__KEY": "", "PLANGATE_AUTHENTICATION__JWT__JWKS_URL": "https://x.test"},
            "leave the other out",
        ),
        (
            {"PLANGATE_AUTHENTICATION__JWT__KEY": KEY, "PLANGATE_AUTHENTICATION__JWT__AUDIENCE": ""},
            "PLANGATE_AUTHENTICATION__JWT__AUDIENCE is not right: must not be empty",
        ),
        (
            {"PLANGATE_AUTHENTICATION__JWT__KEY": KEY, "PLANGATE_AUTHENTICATION__JWT__ALGORITHMS": "none"},
            "not none",
        ),
        (
            {"PLANGATE_AUTHENTICATION__JWT__KEY": KEY, "PLANGATE_AUTHENTICATION__JWT__ALGORITHMS": "RS256"},
            "not RS256",
        ),
        (
            {
                "PLANGATE_AUTHENTICATION__JWT__JWKS_URL": "https://x.test",
                "PLANGATE_AUTHENTICATION__JWT__ALGORITHMS": "HS256",
            },
            "not HS256",
        ),
    ],
)
def test_mistakes_are_named(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert said in refusal()


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('store = "sqlite:///x"', "The section store is not right: set single values in it, such as store.url."),
        ("[[store]]", "such as store.url"),
        ('[authentication]\njwt = "x"', "such as authentication.jwt.jwks_url"),
        ("[authentication.jwt]", "set authentication.jwt.jwks_url or authentication.jwt.key"),
        ('[authentication.jwt]\nkey = ""', "authentication.jwt.key must have 32 bytes"),
        ('[planning_center]\napp_id = "a"', "set planning_center.app_id and planning_center.secret"),
        ("[planning_center]\napp_id = 3", "The setting planning_center.app_id is not right: should be a valid string"),
        ('[authentication.jwt]\nkey = "k"\nalgorithms = [1]', "The setting authentication.jwt.algorithms is"),
        ("[store]\nuri = 1", "The setting store.uri does not exist"),
    ],
)
def test_mistakes_of_the_file_are_named(toml: str, said: str) -> None:
    Path("plangate.toml").write_text(toml)
    assert said in refusal()


def test_a_mistake_of_both_is_named_as_each_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("plangate.toml").write_text('[authentication.jwt]\nalgorithms = ["RS256"]')
    monkeypatch.setenv("PLANGATE_AUTHENTICATION__JWT__KEY", KEY)
    said = refusal()
    assert ": authentication.jwt.algorithms may be" in said
    assert "with PLANGATE_AUTHENTICATION__JWT__KEY, not RS256" in said


def test_a_mistake_does_not_show_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_AUTHENTICATION__JWT__KEY", "hunter2")
    assert "hunter2" not in refusal()


def test_secrets_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "store.url": "postgresql://plangate:hunter2/@x@database/plangate?password=hunter2",
        "planning_center.app_id": "app",
        "planning_center.secret": "hunter2",
        "authentication.jwt.key": "hunter2" * 5,
    }.items():
        monkeypatch.setenv(variable(name), value)
    settings = load()
    assert "hunter2" not in repr(settings)
    shown = {name: value for name, value, _ in effective(settings)}
    assert "hunter2" not in str(shown)
    assert shown["store.url"] == "postgresql://plangate:********@database/plangate?password=********"
    assert shown["planning_center.app_id"] == "app"


def test_viewers_credentials_need_none_of_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_PLANNING_CENTER__CREDENTIALS", "viewer")
    section = load().planning_center
    assert section is not None
    assert section.credentials == "viewer"
    monkeypatch.setenv("PLANGATE_PLANNING_CENTER__APP_ID", "half a pair")
    assert "PLANGATE_PLANNING_CENTER__SECRET" in refusal()
