"""`assistant users …`: who may sign in on the page, for the administrator at the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assistant.accounts.links import Purpose
    from assistant.accounts.store import Accounts
    from assistant.accounts.users import User
    from assistant.settings import Settings

_group = click.option("--group", "groups", multiple=True, metavar="GROUP", help="A group; can be given several times.")
_link = click.option("--link", is_flag=True, help="Print an invitation link instead of asking for a password.")


@contextmanager
def _opened() -> Iterator[tuple[Accounts, Settings]]:
    from assistant.accounts.store import open_accounts
    from assistant.settings import load_settings

    settings = load_settings()
    accounts = open_accounts(settings)
    try:
        yield accounts, settings
    finally:
        accounts.close()


@click.group()
def users() -> None:
    """Manage who signs in on the page and in which groups they are.

    Groups are member, operator, staff, admin and company:<name>; everyone is in public. A user sees the documents that
    carry one of the user's groups as label. Changes count from the user's next request on.
    """


@users.command()
@click.argument("name")
@click.option("--admin", is_flag=True, help="Put the user into the group admin.")
@_group
@_link
def add(name: str, admin: bool, groups: tuple[str, ...], link: bool) -> None:
    """Add the user NAME; asks for the password, so that there is never a default one."""
    from assistant.accounts.groups import checked_groups, checked_name
    from assistant.accounts.passwords import check_password

    wanted = checked_groups([*groups, *(["admin"] if admin else [])])
    normal = checked_name(name)
    with _opened() as (accounts, settings):
        password = "" if link else _typed_password()
        if not link:
            check_password(password, normal)
        user = accounts.users.add(name, wanted)
        if link:
            _print_link(accounts, settings, user, "invitation")
        else:
            accounts.set_password(name, password)
            click.echo(f"{user.name} can sign in now. Groups: {_groups(user)}.")


def _typed_password() -> str:
    """The password from the terminal, asked for twice, or the first line of a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="Once more"))


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_users(as_json: bool) -> None:
    """List the users with their groups."""
    with _opened() as (accounts, _):
        found = accounts.users.list()
    if as_json:
        click.echo(json.dumps({"users": [_to_json(user) for user in found]}, ensure_ascii=False))
        return
    for user in found:
        state = "  disabled" if user.disabled else "" if user.has_password else "  no password"
        click.echo(f"{user.name:24} {_groups(user)}{state}")
    if not found:
        click.echo("There are no users. Add the first: assistant users add NAME --admin")


@users.command()
@click.argument("name")
@click.option("--enable", is_flag=True, help="Let the user in again.")
def disable(name: str, enable: bool) -> None:
    """Shut the user NAME out at once, sessions and tokens included."""
    with _opened() as (accounts, _):
        user = accounts.users.disable(name, not enable)
    click.echo(f"{user.name} is {'disabled' if user.disabled else 'enabled'}.")


@users.command()
@click.argument("name")
@click.argument("groups", nargs=-1, metavar="[GROUP]...")
@click.option("--none", "no_groups", is_flag=True, help="Take the user out of all groups.")
def groups(name: str, groups: tuple[str, ...], no_groups: bool) -> None:
    """Put the user NAME into exactly these groups; without any, show them."""
    with _opened() as (accounts, _):
        user = accounts.users.set_groups(name, groups) if groups or no_groups else accounts.users.named(name)
    click.echo(_groups(user))


@users.command()
@click.argument("name")
@click.argument("new_name")
def rename(name: str, new_name: str) -> None:
    """Give the user NAME another name; conversations and tokens stay the user's."""
    with _opened() as (accounts, _):
        click.echo(accounts.users.rename(name, new_name).name)


@users.command()
@click.argument("name")
@click.confirmation_option(prompt="Remove this user with sessions and tokens?")
def remove(name: str) -> None:
    """Remove the user NAME."""
    with _opened() as (accounts, _):
        accounts.users.remove(name)


@users.command()
@click.argument("name")
@_group
def invite(name: str, groups: tuple[str, ...]) -> None:
    """Print a link that lets NAME choose a password (7 days, once); adds the user if need be."""
    from assistant.errors import AccountError, AccountMissing

    with _opened() as (accounts, settings):
        try:
            user = accounts.users.named(name)
        except AccountMissing:
            user = accounts.users.add(name, groups)
        else:
            if groups:
                raise AccountError(f"'{user.name}' exists already.", "Change groups with `assistant users groups`.")
        _print_link(accounts, settings, user, "invitation")


@users.command()
@click.argument("name")
def reset(name: str) -> None:
    """Print a link that lets NAME choose a new password (one day, once)."""
    with _opened() as (accounts, settings):
        _print_link(accounts, settings, accounts.users.named(name), "reset")


@users.command("sign-out")
@click.argument("name")
def sign_out(name: str) -> None:
    """End all sessions of NAME."""
    with _opened() as (accounts, _):
        ended = accounts.sessions.end_all(accounts.users.named(name).id)
    click.echo(f"Sessions ended: {ended}")


@users.command()
@click.argument("name")
@click.option("--make", metavar="LABEL", help="Make a token and print it, this once.")
@click.option(
    "--scope", "scopes", multiple=True, help="What it may do: ask, search, documents (default: these three), metrics."
)
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it expires (default: never).")
@click.option("--revoke", metavar="ID", help="Revoke the token with this id.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tokens(
    name: str, make: str | None, scopes: tuple[str, ...], days: int | None, revoke: str | None, as_json: bool
) -> None:
    """List, make or revoke the tokens with which programs act for NAME."""
    from dataclasses import asdict

    from assistant.accounts.tokens import SCOPES

    with _opened() as (accounts, _):
        user = accounts.users.named(name)
        if revoke:
            accounts.tokens.revoke(user.id, revoke)
        if make:
            click.echo(accounts.tokens.make(user.id, make, scopes or SCOPES, days))
        if make or revoke:
            return
        found = accounts.tokens.of(user.id)
    if as_json:
        click.echo(json.dumps({"tokens": [asdict(token) for token in found]}, ensure_ascii=False))
        return
    for token in found:
        click.echo(f"{token.id}  {token.name}  [{' '.join(token.scopes)}]")


def _print_link(accounts: Accounts, settings: Settings, user: User, purpose: Purpose) -> None:
    secret = accounts.links.make(user.id, purpose)
    base = str(settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    click.echo(f"{base}/{purpose}/{secret}")


def _groups(user: User) -> str:
    return " ".join(["public", *user.groups])


def _to_json(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "groups": ["public", *user.groups],
        "disabled": user.disabled,
        "has_password": user.has_password,
    }
