"""The loopback forge's pages: a pull request as a person would look at it."""

import html
from collections.abc import Sequence
from urllib.parse import quote

from markdown_it import MarkdownIt

from triage.demo.forge_state import PullRequest, Repository

# Nothing is loaded, nothing runs: what a pull request says comes from strangers.
CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_STYLE = """
:root { color-scheme: light dark; --line: #d1d9e0; --soft: #59636e; --back: #f6f8fa; --page: #ffffff; --text: #1f2328;
  --add: #dafbe1; --del: #ffebe9; --hunk: #ddf4ff; --open: #1f883d; --draft: #59636e; --closed: #cf222e;
  --merged: #8250df }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #9198a1; --back: #151b23; --page: #0d1117;
  --text: #f0f6fc; --add: #12261e; --del: #25171c; --hunk: #121d2f } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, sans-serif }
header { padding: 12px 24px; background: var(--back); border-bottom: 1px solid var(--line); color: var(--soft) }
header a, main a { color: inherit; text-decoration: none } main a:hover { text-decoration: underline }
main { max-width: 1000px; margin: 0 auto; padding: 24px } h1 { font-size: 26px; font-weight: 500; margin: 0 0 10px }
h1 span, .soft { color: var(--soft); font-weight: 400 }
.state { display: inline-block; padding: 3px 12px; border-radius: 2em; color: #fff; font-weight: 600;
  margin-right: 8px }
.open { background: var(--open) } .draft { background: var(--draft) } .closed { background: var(--closed) }
.merged { background: var(--merged) }
.box { border: 1px solid var(--line); border-radius: 8px; margin-top: 20px; overflow: hidden }
.box > .head { padding: 8px 16px; background: var(--back); border-bottom: 1px solid var(--line); color: var(--soft) }
.box > .body { padding: 4px 20px 12px; overflow-wrap: break-word } h2 { font-size: 18px; margin: 18px 0 6px }
code, pre { font: 13px/1.5 ui-monospace, monospace } :not(pre) > code { background: var(--back); padding: 2px 5px;
  border-radius: 5px } pre { margin: 8px 0; padding: 12px; background: var(--back); border-radius: 6px; overflow: auto }
table { border-collapse: collapse } th, td { border: 1px solid var(--line); padding: 4px 12px; text-align: left }
.diff pre { margin: 0; padding: 0; border-radius: 0 } .diff span { display: block; padding: 0 16px; white-space: pre }
.diff .add { background: var(--add) } .diff .del { background: var(--del) } .diff .hunk { background: var(--hunk) }
.row { display: block; padding: 10px 16px; border-top: 1px solid var(--line) } .row:first-child { border-top: 0 }
"""


def _document(title: str, crumbs: Sequence[tuple[str, str]], body: str) -> str:
    trail = " / ".join(f'<a href="{html.escape(link)}">{html.escape(text)}</a>' for text, link in crumbs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><header>{trail}</header><main>{body}</main></body></html>"
    )


def state_word(pull: PullRequest) -> str:
    """ "open", "draft", "merged" or "closed"."""
    if pull.merged_at:
        return "merged"
    return "draft" if pull.draft and pull.state == "open" else pull.state


def _badge(pull: PullRequest) -> str:
    word = state_word(pull)
    return f'<span class="state {word}">{word.capitalize()}</span>'


def pull_page(repo: Repository, pull: PullRequest) -> str:
    """One pull request: title, state, the description as Markdown, the commits and the diff."""
    added, removed, files = repo.numstat(pull)
    # Raw HTML stays text; links and pictures are not made at all.
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    text = markdown.render(pull.body) if pull.body else '<p class="soft">No description provided.</p>'
    heading = (
        f"<h1>{html.escape(pull.title)} <span>#{pull.number}</span></h1>{_badge(pull)}"
        f"<span class=soft>wants to merge <code>{html.escape(pull.head)}</code> into "
        f"<code>{html.escape(pull.base)}</code> · opened {html.escape(pull.created_at)}</span>"
    )
    description = f'<section class="box"><div class="head">Description</div><div class="body">{text}</div></section>'
    files_word = "1 file" if files == 1 else f"{files} files"
    change = (
        f'<section class="box diff"><div class="head">{files_word} changed, +{added} -{removed}, '
        f"commit <code>{html.escape(pull.head_sha[:10])}</code></div>"
        f"<pre>{_diff_lines(repo.diff(pull))}</pre></section>"
    )
    crumbs = [("forge", "/"), (repo.full_name, f"/{repo.full_name}"), (f"#{pull.number}", "")]
    return _document(f"{pull.title} · #{pull.number}", crumbs, heading + description + change)


def _diff_lines(diff: str) -> str:
    kinds = {"+": "add", "-": "del", "@": "hunk"}
    lines = []
    for line in diff.split("\n"):
        kind = "" if line.startswith(("+++", "---")) else kinds.get(line[:1], "")
        lines.append(f'<span class="{kind}">{html.escape(line) or " "}</span>')
    return "".join(lines)


def repository_page(repo: Repository, pulls: Sequence[PullRequest]) -> str:
    """A repository: its pull requests, newest first."""
    rows = "".join(
        f'<a class="row" href="/{quote(repo.full_name)}/pull/{pull.number}">{_badge(pull)}{html.escape(pull.title)} '
        f"<span class=soft>#{pull.number}</span></a>"
        for pull in pulls
    )
    rows = rows or '<p class="row soft">No pull requests yet.</p>'
    body = f'<h1>{html.escape(repo.full_name)}</h1><section class="box">{rows}</section>'
    return _document(repo.full_name, [("forge", "/"), (repo.full_name, f"/{repo.full_name}")], body)


def index_page(repos: Sequence[Repository]) -> str:
    """All repositories of this forge."""
    rows = "".join(
        f'<a class="row" href="/{quote(repo.full_name)}">{html.escape(repo.full_name)}</a>' for repo in repos
    )
    return _document("forge", [("forge", "/")], f'<h1>Repositories</h1><section class="box">{rows}</section>')


def missing_page() -> str:
    return _document("not found", [("forge", "/")], "<h1>Not found</h1>")
