"""What the environment must look like, checked before anything else starts: one sentence for each thing that
is wrong. Knows no Django, because the settings are made of these values."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

SHORTEST_KEY = 50  # as `check --deploy` wants it
DATABASES = ("postgresql", "postgres")
BROKERS = ("redis", "rediss", "unix")
SERVERS_OF_MAIL = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "submission", "submit")
OTHER_MAIL = ("file", "console", "memory", "dummy")
HOST_NAME = re.compile(r"\*|\.?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
NUMBERS = ("TRUSTED_PROXIES", "SWEEP_SECONDS", "MAIL_RETRY_SECONDS", "EMAIL_TIMEOUT")
LISTS_OF_NUMBERS = ("MAIL_HOURS", "MAIL_DAYS")


def problems(given: Mapping[str, str]) -> list[str]:
    """One sentence for each value that cannot be right. What is missing is somebody else's question."""
    found = []
    for name, check in CHECKS.items():
        if given.get(name) and (reason := check(given[name])):
            found.append(f"{name} {reason}.")
    return [*found, *unreachable(given)]


def unreachable(given: Mapping[str, str]) -> Iterator[str]:
    """People must be able to reach the product under the address that stands in its mails."""
    site, hosts = given.get("SITE_URL"), given.get("ALLOWED_HOSTS")
    if not site or not hosts or site_url(site) or allowed_hosts(hosts):
        return
    host = (urlsplit(site).hostname or "").lower()
    names = [name.strip().strip("[]").lower() for name in hosts.split(",")]
    if not any(
        name in ("*", host) or (name.startswith(".") and (host.endswith(name) or host == name[1:]))
        for name in names
    ):
        yield f"ALLOWED_HOSTS does not name {host}, the host of SITE_URL: every page would be refused."


def secret_key(value: str) -> str:
    if len(value) < SHORTEST_KEY or len(set(value)) < 5:
        return (
            f"is too short or too simple: it needs {SHORTEST_KEY} random characters (.env.example says how to"
            " make them); put one that was in use into SECRET_KEY_FALLBACKS"
        )
    return ""


def concern_keys(value: str) -> str:
    for number, key in enumerate(value.split(","), start=1):
        try:
            right = len(urlsafe_b64decode(key.strip().encode("ascii"))) == 32
        except ValueError:
            right = False
        if not right:
            return (
                f"cannot be used: key {number} is not 32 bytes in URL-safe base64; .env.example says how to"
                " make one"
            )
    return ""


def split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts


def database_url(value: str) -> str:
    parts = split(value)
    if parts is None or parts.scheme not in DATABASES or len(parts.path) < 2 or parts.fragment:
        return (
            "must look like postgresql://user:password@host:5432/database, with signs such as # / @ in the"
            " password written as %23 %2F %40"
        )
    return ""


def redis_url(value: str) -> str:
    parts = split(value)
    if parts is None or parts.scheme not in BROKERS or not (parts.hostname or parts.path) or parts.fragment:
        return (
            "must look like redis://:password@host:6379/0, with signs such as # / @ in the password written"
            " as %23 %2F %40"
        )
    return ""


def email_url(value: str) -> str:
    parts = split(value)
    if parts is None or parts.fragment or parts.scheme not in (*SERVERS_OF_MAIL, *OTHER_MAIL):
        known = False
    else:
        known = parts.scheme in OTHER_MAIL or bool(parts.hostname)
    return "" if known else "must look like smtp://user:password@host:587/?tls=True or smtps://…@host:465"


def site_url(value: str) -> str:
    parts = split(value.rstrip("/"))
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return "must look like https://mentoring.example.com"
    if parts.path or parts.query or parts.fragment or parts.username:
        return "must end after the host: the product lives at the root of its own name"
    return ""


def allowed_hosts(value: str) -> str:
    for name in value.split(","):
        if not HOST_NAME.fullmatch(name.strip()):
            return "must be names of hosts separated by commas, without https:// and without ports"
    return ""


def origins(value: str) -> str:
    wrong = [origin for origin in value.split(",") if site_url(origin.strip().replace("://*.", "://"))]
    return "must be addresses like https://mentoring.example.com, separated by commas" if wrong else ""


def number(value: str) -> str:
    try:
        return "" if float(value) >= 0 else "must not be below 0"
    except ValueError:
        return "must be a number"


def idle_hours(value: str) -> str:
    """With nothing left of an hour nobody could stay signed in from one page to the next."""
    return number(value) or ("" if 0.1 <= float(value) <= 24 * 366 else "must be from 0.1 to 8784 hours")


def numbers(value: str) -> str:
    return "" if all(part.strip().isdecimal() for part in value.split(",")) else "must be numbers and commas"


CHECKS: dict[str, Callable[[str], str]] = {
    "SECRET_KEY": secret_key,
    "CONCERN_KEYS": concern_keys,
    "DATABASE_URL": database_url,
    "REDIS_URL": redis_url,
    "EMAIL_URL": email_url,
    "SITE_URL": site_url,
    "ALLOWED_HOSTS": allowed_hosts,
    "CSRF_TRUSTED_ORIGINS": origins,
    "SESSION_IDLE_HOURS": idle_hours,
    **dict.fromkeys(NUMBERS, number),
    **dict.fromkeys(LISTS_OF_NUMBERS, numbers),
}
