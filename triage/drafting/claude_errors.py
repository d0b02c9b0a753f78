"""Says in the user's words what went wrong between us and the model."""

from triage.config import ClaudeConfig
from triage.domain.outside import one_line
from triage.errors import BadInput, Refused, TriageError, Unavailable

_KEY_HINT = "set ANTHROPIC_API_KEY to a key that works"


def explain(error: Exception, model: str) -> TriageError:
    """The TriageError for anything that the SDK raises; programming errors come back too."""
    import anthropic

    if isinstance(error, TriageError):
        return error
    if isinstance(error, anthropic.APIStatusError):
        return _by_kind(error, model)
    if isinstance(error, anthropic.APITimeoutError):
        return Unavailable("Claude did not answer in time", _said(error), "ask again")
    if isinstance(error, anthropic.APIConnectionError):
        said = one_line(str(error.__cause__ or error), limit=200)
        return Unavailable("cannot reach Claude", said, "check the network and ANTHROPIC_BASE_URL, then ask again")
    if isinstance(error, anthropic.CredentialsError) or "authentication method" in str(error):
        return Unavailable("no key for Claude", one_line(str(error), limit=200), _KEY_HINT)
    if isinstance(error, anthropic.APIError | ValueError):
        return Unavailable("Claude's answer cannot be read", _said(error), "check ANTHROPIC_BASE_URL, then ask again")
    if type(error).__module__.split(".")[0] in ("httpx2", "httpcore2", "ssl"):
        return Unavailable("the connection to Claude broke off", _said(error), "ask again")
    raise error  # ours: let it be seen


def refusal(stop_reason: str, config: ClaudeConfig) -> TriageError:
    """Why an answer that ended by `stop_reason` is no draft."""
    if stop_reason == "refusal":
        return Refused(
            "Claude declined to write this test", "", "look at the prompt; draft by replay, or write it by hand"
        )
    if stop_reason == "max_tokens":
        return BadInput(
            "Claude's answer was cut off",
            f"it reached max_tokens = {config.max_tokens}",
            "raise max_tokens under [claude] in triage.toml",
        )
    if stop_reason == "model_context_window_exceeded":
        return BadInput("the prompt is too long for the model", config.model, "choose a model with a larger context")
    if not stop_reason:
        return Unavailable("Claude's answer ended too early", "the stream stopped before its end", "ask again")
    return BadInput("Claude's answer is no draft", f"it ended with {one_line(stop_reason, limit=40)}", "ask again")


def _by_kind(error: Exception, model: str) -> TriageError:
    """An error that the server sent, as an answer or in the middle of one (status 200)."""
    import anthropic

    assert isinstance(error, anthropic.APIStatusError)
    status, said = error.status_code, _said(error)
    kind = _kind(error.body)
    if status == 401 or kind == "authentication_error":
        return Unavailable("Claude does not accept the key", said, _KEY_HINT)
    if status == 402 or kind == "billing_error":
        return Unavailable("the Claude account needs credit", said, "see the account's billing page")
    if status == 403 or kind == "permission_error":
        return Refused("the key may not do this", said, f"check that it may use {model}")
    if status == 404 or kind == "not_found_error":
        return BadInput(f"there is no model {model}", said, "set model under [claude] in triage.toml")
    if status == 413 or kind == "request_too_large":
        return BadInput("the prompt is too large", said, "the code path's files are too long: draft by replay")
    if status == 429 or kind == "rate_limit_error":
        after = error.response.headers.get("retry-after", "")
        wait = f"ask again in {after} s" if after.isdigit() else "ask again in a minute"
        return Unavailable("Claude limits how often you may ask", said, wait)
    if status == 529 or kind == "overloaded_error":
        return Unavailable("Claude is overloaded", said, "ask again in a minute")
    if status == 408 or kind == "timeout_error":
        return Unavailable("Claude did not answer in time", said, "ask again")
    if status >= 500 or kind == "api_error":
        return Unavailable("Claude has a problem of its own", said, "ask again in a minute")
    if "too long" in said or "too many tokens" in said:
        return BadInput("the prompt is too long for the model", said, "choose a model with a larger context")
    return BadInput("Claude did not accept the request", said, "check [claude] in triage.toml")


def _kind(body: object) -> str:
    inner = body.get("error") if isinstance(body, dict) else None
    kind = inner.get("type") if isinstance(inner, dict) else None
    return kind if isinstance(kind, str) else ""


def _said(error: Exception) -> str:
    """The server's own words with its request id, on one line."""
    body = getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, dict) else None
    words = inner.get("message") if isinstance(inner, dict) else None
    request = getattr(error, "request_id", None)
    text = words if isinstance(words, str) else str(error) or type(error).__name__
    return one_line(f"{text} ({request})" if isinstance(request, str) else text, limit=300)
