import click

from ledger.report import summarise


@click.group()
def main():
    """Ledger."""


@main.command()
@click.argument("path", type=click.Path(exists=True))
@click.option("--currency", default="EUR")
def report(path, currency):
    with open(path, encoding="utf-8") as stream:
        lines = stream.read().splitlines()
    click.echo(summarise(lines, currency))
