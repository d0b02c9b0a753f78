"""Release tool: prints its own help for the operator's console."""
import click
import semver
from click.testing import CliRunner


class VersionType(click.ParamType):
    name = "version"

    def convert(self, value, param, ctx):
        return value if isinstance(value, semver.Version) else semver.Version.parse(value)


@click.command()
@click.option("--target", type=VersionType(), default=semver.Version(1, 2, 3), show_default=True)
def release(target):
    """Publish a release."""
    click.echo("releasing %s" % target)


def main():
    CliRunner().invoke(release, ["--target", "2.0.0"], catch_exceptions=False)
    print(CliRunner().invoke(release, ["--help"], catch_exceptions=False).output)
