"""Push a draft as a branch, open its pull request, and take both back."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.domain.case import Case
from triage.domain.draft import Draft, Strategy
from triage.domain.ranking import unproven
from triage.domain.verdict import Evidence, Verdict
from triage.errors import NotFound, Refused
from triage.services.inspect import load_case
from triage.services.steps import Output, PublicationPlan, Published, Step, Undone, Verified
from triage.services.verify import verify
from triage.services.workspace import Workspace

if TYPE_CHECKING:
    from triage.forge.detect import Forge
    from triage.forge.remote import Base


@dataclass(frozen=True, slots=True)
class _Sending:
    """Everything that publishing one draft needs."""

    case: Case
    draft: Draft
    evidence: Evidence
    forge: Forge
    base: Base
    source: str
    plan: PublicationPlan


async def plan(workspace: Workspace, draft_id: int, pull_request: bool) -> PublicationPlan:
    """Exactly what publishing would send; nothing is sent. `blockers` are the reasons why it
    may not go with one key. Raises TriageError when remote or repo cannot be used."""
    return (await _prepare(workspace, draft_id, pull_request)).plan


async def publish(
    workspace: Workspace, draft_id: int, pull_request: bool, accept: bool = False, fix: str | None = None
) -> AsyncIterator[Step | Output | Published]:
    """Commit the draft on a branch of its own and push it; with `pull_request` open a draft
    pull request. What is there from an earlier press is found, never sent twice.

    Secrets in the test are replaced first, and the test is run again as it will be sent, also
    on `fix` (a ref as for `verify`).
    Raises Refused while there are blockers, unless a person said `accept`.
    """
    yield Step("working out what to send")
    draft = await _scrubbed(workspace, draft_id)
    if draft.id != draft_id:
        yield Step("secrets were replaced: proving the test again")
        async for item in verify(workspace, draft.id, fix):
            if not isinstance(item, Verified):
                yield item
    sending = await _prepare(workspace, draft.id, pull_request)
    if sending.plan.blockers and not accept:
        raise Refused("not sent", "; ".join(sending.plan.blockers), "look at it, then agree to send it all the same")
    yield Step(f"pushing {sending.plan.branch} to {sending.plan.remote}")
    published = await _push(workspace, sending)
    if pull_request:
        yield Step("opening a draft pull request")
        published = await _open_pull(workspace, sending, published)
    yield published


async def undo(workspace: Workspace, publication_id: int) -> AsyncIterator[Step | Undone]:
    """Close the pull request and delete the branch, if it still is what was pushed.

    Raises NotFound for an unknown publication, Refused when somebody added commits.
    """
    from triage.forge.branch import delete_branch
    from triage.forge.detect import detect

    publication = workspace.store.publication(publication_id)
    if publication.undone:
        raise NotFound(f"publication {publication_id} is undone already", publication.branch)
    forge = await detect(workspace.repo, publication.remote, workspace.config.forge)
    if publication.number is not None:
        yield Step(f"closing PR #{publication.number}")
        pull = await forge.pull(publication.number)
        if pull.state == "merged":
            raise Refused(
                f"PR #{publication.number} is merged already", pull.url, "revert the merge commit if it has to go"
            )
        if pull.state == "open":
            await forge.close_pull(publication.number)
    yield Step(f"deleting {publication.branch}")
    await delete_branch(workspace.repo, publication.remote, publication.branch, publication.commit, forge.token)
    workspace.store.mark_undone(publication.id)
    yield Undone(dataclasses.replace(publication, undone=True))


async def _prepare(workspace: Workspace, draft_id: int, pull_request: bool) -> _Sending:
    from triage.forge import text
    from triage.forge.branch import show_diff
    from triage.forge.detect import detect
    from triage.forge.remote import remote_base

    settings = workspace.config.forge
    draft = workspace.store.draft(draft_id)
    case = await load_case(workspace, draft.issue_id)
    evidence = workspace.store.evidence(draft.id)
    forge = await detect(workspace.repo, settings.remote, settings)
    base = await remote_base(workspace.repo, settings.remote, settings.base, forge.token)
    source = await _without_secrets(workspace, draft)
    blockers = [reason] if (reason := unproven(evidence)) else []
    cautions = []
    if source != draft.source:
        cautions.append("secrets in the test are replaced; it is proven again before it is sent")
    if pull_request and forge.blocker:
        blockers.append(forge.blocker)
    if clash := await _clash(workspace, base.commit, draft):
        blockers.append(clash)
    if evidence.after is None:
        cautions.append("not tried on a fix: the test stays red until the bug is fixed")
    elif evidence.after.verdict is Verdict.STILL_SAME:
        cautions.append(f"the bug is still in {evidence.after.ref}: the test stays red until it is fixed")
    return _Sending(
        case,
        draft,
        evidence,
        forge,
        base,
        source,
        PublicationPlan(
            branch=text.branch_name(case.issue, case.event.title),
            base=base.branch,
            remote=settings.remote,
            title=text.pull_title(case),
            body=text.pull_body(case, draft, evidence, base=base.branch),
            commit_message=text.commit_message(case, draft, evidence),
            diff=await show_diff(workspace.repo, base.commit, {draft.path: source}),
            forge=forge.name,
            blockers=tuple(blockers),
            cautions=tuple(cautions),
        ),
    )


async def _clash(workspace: Workspace, base: str, draft: Draft) -> str | None:
    """Why the draft's file would undo what the base branch has meanwhile; None when it would not."""
    from triage.codebase.git import Git

    git = Git(workspace.repo)
    there = await git.show(base, draft.path)
    if there is None or there == draft.source:
        return None
    if there != await git.show("HEAD", draft.path):
        return f"{draft.path} is not the same on the base branch as in this checkout: pull first"
    return None


async def _scrubbed(workspace: Workspace, draft_id: int) -> Draft:
    """The draft without secrets: itself, or a new revision of it."""
    store = workspace.store
    draft = store.draft(draft_id)
    source = await _without_secrets(workspace, draft)
    if source == draft.source:
        return draft
    for other in store.drafts(draft.issue_id):
        if other.parent == draft.id and other.source == source:
            return other
    note = "secrets replaced"
    return store.add_draft(
        draft.issue_id,
        Strategy(draft.strategy),
        draft.path,
        source,
        draft.test_name,
        parent=draft.id,
        entry=draft.entry,
        note=note,
        model=draft.model,
        prompt_hash=draft.prompt_hash,
    )


async def _without_secrets(workspace: Workspace, draft: Draft) -> str:
    """The draft's file with secrets replaced; lines that the repository has already stay."""
    from triage.codebase.git import Git
    from triage.redact.source import redact_source

    there = await Git(workspace.repo).show("HEAD", draft.path)
    return redact_source(draft.source, keep=there or "")


async def _push(workspace: Workspace, sending: _Sending) -> Published:
    from triage.forge.branch import publish_branch
    from triage.forge.compare import request_pull
    from triage.forge.remote import read_remote

    store, repo, remote = workspace.store, workspace.repo, sending.plan.remote
    pushed = await publish_branch(
        repo,
        remote,
        sending.base.commit,
        sending.plan.branch,
        {sending.draft.path: sending.source},
        sending.plan.commit_message,
        token=sending.forge.token,
    )
    url = sending.forge.compare_url(pushed.branch, sending.base.branch)
    words = ""
    if url is None:
        where = await read_remote(repo, remote)
        words = await request_pull(repo, where, sending.base.commit, pushed.branch, pushed.commit)
    earlier = [item for item in store.publications(sending.case.issue.id) if item.branch == pushed.branch]
    standing = next((item for item in earlier if not item.undone), None)
    publication = store.add_publication(
        sending.case.issue.id,
        sending.draft.id,
        pushed.branch,
        pushed.commit,
        remote,
        number=standing.number if standing else None,
        url=(standing.url if standing else None) or url,
        text=words,
    )
    return Published(publication, existed=pushed.existed)


async def _open_pull(workspace: Workspace, sending: _Sending, pushed: Published) -> Published:
    forge, branch = sending.forge, pushed.publication.branch
    found = await forge.find_pull(branch)
    pull = found or await forge.create_pull(branch, sending.base.branch, sending.plan.title, sending.plan.body)
    if found and not pushed.existed:
        pull = await forge.update_pull(found.number, sending.plan.title, sending.plan.body)
    publication = workspace.store.add_publication(
        sending.case.issue.id,
        sending.draft.id,
        branch,
        pushed.publication.commit,
        pushed.publication.remote,
        number=pull.number,
        url=pull.url,
        text=pushed.publication.text,
    )
    return Published(publication, existed=found is not None)
