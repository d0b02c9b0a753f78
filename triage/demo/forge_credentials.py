"""Hands a forge's token to git the way a signed-in user's credential helper does."""


def credential_settings(url: str, token: str) -> dict[str, str]:
    """git settings that hand `token` to git for the forge at `url` and nowhere else."""
    helper = f'!f() {{ test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "{token}"; }}; f'
    return {f"credential.{url}.helper": helper}
