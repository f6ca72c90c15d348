"""``flask --app wsgi create-user | create-token | setup-link``: accounts from the server's own terminal."""

import sys

import click
from flask import Flask
from flask.cli import with_appcontext

from app.accounts.service import create_user, find_user
from app.accounts.tokens import create_token
from app.archive.accounts import links
from app.archive.accounts.people import count_administrators
from app.archive.audit import record
from app.imaging.errors import TriplanoError
from app.models import ROLES, db


def register_commands(app: Flask) -> None:
    """Attach the commands to *app*."""
    for command in (_create_user, _create_token, _setup_link):
        app.cli.add_command(command)


@click.command("create-user")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="student", show_default=True)
@click.option("--full-name", default="")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_appcontext
def _create_user(name: str, role: str, full_name: str, password_stdin: bool) -> None:
    """Make an account called NAME."""
    if password_stdin:
        password = sys.stdin.read().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        user = create_user(name, password, role=role, full_name=full_name)
    except TriplanoError as fault:
        raise click.ClickException(str(fault)) from None
    record("account_created", object_kind="user", object_id=user.id, role=role, by="command")
    db.session.commit()
    click.echo(f"{user.name} ({user.role}) was made.")


@click.command("create-token")
@click.argument("name")
@click.option("--label", default="command line", show_default=True)
@with_appcontext
def _create_token(name: str, label: str) -> None:
    """Print a new personal API token of the account NAME; it is not shown again."""
    user = find_user(name)
    if user is None:
        raise click.ClickException(f"There is no account called {name}.")
    try:
        token = create_token(user, label)
    except TriplanoError as fault:
        raise click.ClickException(str(fault)) from None
    record("account_token_created", object_kind="user", object_id=user.id, by="command")
    db.session.commit()
    click.echo(token)


@click.command("setup-link")
@click.option("--url-base", default="http://127.0.0.1:5001", show_default=True)
@with_appcontext
def _setup_link(url_base: str) -> None:
    """Print the first administrator's one-time link; nothing once there is an administrator."""
    if count_administrators():
        return
    _link, secret = links.issue("setup", role="admin")
    db.session.commit()
    click.echo(f"Set up the first administrator (works once): {url_base.rstrip('/')}/setup/{secret}")
