"""``flask --app wsgi demo``."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.demo.service import archive_is_empty, demo_is_readable, write_demo
from app.imaging.errors import TriplanoError


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing when the archive holds any image.")
@click.option("--slices", type=click.IntRange(8, 400), default=200, show_default=True)
@click.option("--size", type=click.IntRange(64, 1024), default=512, show_default=True)
@with_appcontext
def demo(if_empty: bool, slices: int, size: int) -> None:
    """Write the synthetic chest CT that everybody may read."""
    if if_empty and not archive_is_empty():
        return
    if demo_is_readable():
        click.echo("The demo study is there already.")
        return
    click.echo("Making the demo study …")
    try:
        write_demo(current_app.extensions["store"], current_app.config, slices=slices, size=size)
    except TriplanoError as fault:
        raise click.ClickException(str(fault)) from None
    click.echo("The demo study is ready.")
