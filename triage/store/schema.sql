CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
--
CREATE TABLE action (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	what TEXT NOT NULL, 
	undone_at BIGINT, 
	PRIMARY KEY (id)
);
--
CREATE INDEX action_open ON action (id) WHERE undone_at IS NULL;
--
CREATE TABLE activity (
	id INTEGER NOT NULL, 
	issue_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	what TEXT NOT NULL, 
	PRIMARY KEY (id)
);
--
CREATE INDEX activity_issue ON activity (issue_id, id);
--
CREATE TABLE change (
	action_id BIGINT NOT NULL, 
	target TEXT NOT NULL, 
	target_id BIGINT NOT NULL, 
	was TEXT NOT NULL, 
	became TEXT NOT NULL, 
	PRIMARY KEY (action_id, target, target_id)
)
 WITHOUT ROWID

;
--
CREATE TABLE draft (
	id INTEGER NOT NULL, 
	issue_id BIGINT NOT NULL, 
	strategy TEXT NOT NULL, 
	path TEXT NOT NULL, 
	source TEXT NOT NULL, 
	test_name TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	parent BIGINT, 
	entry TEXT, 
	note TEXT NOT NULL, 
	model TEXT, 
	prompt_hash TEXT, 
	cost FLOAT, 
	discarded INTEGER NOT NULL, 
	stable_runs INTEGER NOT NULL, 
	unstable INTEGER NOT NULL, seconds FLOAT, 
	PRIMARY KEY (id)
);
--
CREATE INDEX draft_issue ON draft (issue_id, id);
--
CREATE TABLE event (
	id INTEGER NOT NULL, 
	event_id TEXT NOT NULL, 
	issue_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	occurred_at BIGINT NOT NULL, 
	release TEXT, 
	environment TEXT, 
	source TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (event_id)
);
--
CREATE INDEX event_issue ON event (issue_id, occurred_at, id);
--
CREATE TABLE issue (
	id INTEGER NOT NULL, 
	fingerprint TEXT NOT NULL, 
	title TEXT NOT NULL, 
	culprit TEXT NOT NULL, 
	level TEXT NOT NULL, 
	status TEXT NOT NULL, 
	count BIGINT NOT NULL, 
	users BIGINT NOT NULL, 
	first_seen BIGINT NOT NULL, 
	last_seen BIGINT NOT NULL, 
	first_release TEXT, 
	last_release TEXT, 
	service TEXT, 
	assignee TEXT, 
	snoozed_until BIGINT, 
	resolved_at BIGINT, 
	resolved_release TEXT, 
	regressed INTEGER NOT NULL, 
	seen INTEGER NOT NULL, 
	covered INTEGER, 
	draft TEXT, 
	publication TEXT, 
	trend_end BIGINT NOT NULL, 
	trend TEXT NOT NULL, 
	best_event BIGINT NOT NULL, 
	best_rank INTEGER NOT NULL, 
	best_at BIGINT NOT NULL, 
	search TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (fingerprint)
);
--
CREATE INDEX issue_assignee ON issue (assignee, last_seen, id, status) WHERE assignee IS NOT NULL;
--
CREATE INDEX issue_count ON issue (count, id, status);
--
CREATE INDEX issue_covered ON issue (covered, last_seen, id, status) WHERE covered IS NOT NULL;
--
CREATE INDEX issue_drafted ON issue (last_seen, id, status) WHERE draft IS NOT NULL;
--
CREATE INDEX issue_first_seen ON issue (first_seen, id);
--
CREATE INDEX issue_last_seen ON issue (last_seen, id);
--
CREATE INDEX issue_level ON issue (level, status, id);
--
CREATE INDEX issue_regressed ON issue (last_seen, id, status) WHERE regressed = 1;
--
CREATE INDEX issue_snoozed ON issue (snoozed_until) WHERE status = 'snoozed';
--
CREATE INDEX issue_status_first_seen ON issue (status, first_seen, id);
--
CREATE INDEX issue_status_last_seen ON issue (status, last_seen, id);
--
CREATE INDEX issue_users ON issue (users, id, status);
--
CREATE TABLE issue_release (
	release TEXT NOT NULL, 
	issue_id BIGINT NOT NULL, 
	count BIGINT NOT NULL, 
	first_seen BIGINT NOT NULL, 
	last_seen BIGINT NOT NULL, 
	PRIMARY KEY (release, issue_id)
)
 WITHOUT ROWID

;
--
CREATE TABLE issue_user (
	issue_id BIGINT NOT NULL, 
	user_hash BIGINT NOT NULL, 
	PRIMARY KEY (issue_id, user_hash)
)
 WITHOUT ROWID

;
--
CREATE TABLE payload (
	id INTEGER NOT NULL, 
	raw BLOB NOT NULL, 
	PRIMARY KEY (id)
);
--
CREATE TABLE publication (
	id INTEGER NOT NULL, 
	issue_id BIGINT NOT NULL, 
	draft_id BIGINT NOT NULL, 
	branch TEXT NOT NULL, 
	commit_id TEXT NOT NULL, 
	remote TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	number BIGINT, 
	url TEXT, 
	text TEXT NOT NULL, 
	undone INTEGER NOT NULL, followed_at BIGINT, state TEXT, following TEXT, 
	PRIMARY KEY (id)
);
--
CREATE UNIQUE INDEX publication_branch ON publication (issue_id, branch);
--
CREATE TABLE revision (
	id INTEGER NOT NULL, 
	value BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
--
CREATE TABLE run (
	id INTEGER NOT NULL, 
	draft_id BIGINT NOT NULL, 
	side TEXT NOT NULL, 
	verdict TEXT NOT NULL, 
	why TEXT NOT NULL, 
	ref TEXT NOT NULL, 
	commit_id TEXT NOT NULL, 
	isolation TEXT NOT NULL, 
	seconds FLOAT NOT NULL, 
	at BIGINT NOT NULL, 
	output TEXT NOT NULL, 
	frames_matched INTEGER NOT NULL, 
	message_same INTEGER, 
	PRIMARY KEY (id)
);
--
CREATE INDEX run_draft ON run (draft_id, side, id);
--
CREATE TABLE tally (
	status TEXT NOT NULL, 
	level TEXT NOT NULL, 
	regressed INTEGER NOT NULL, 
	covered INTEGER NOT NULL, 
	drafted INTEGER NOT NULL, 
	n BIGINT NOT NULL, 
	PRIMARY KEY (status, level, regressed, covered, drafted)
)
 WITHOUT ROWID

;
--
CREATE VIRTUAL TABLE issue_text USING fts5(search, content='issue', content_rowid='id', detail=none, columnsize=0, tokenize='unicode61');
--
CREATE TRIGGER issue_inserted AFTER INSERT ON issue BEGIN
    INSERT INTO tally (status, level, regressed, covered, drafted, n)
    VALUES (NEW.status, NEW.level, NEW.regressed, ifnull(NEW.covered, -1), NEW.draft IS NOT NULL, 1) ON CONFLICT DO UPDATE SET n = n + 1;
    INSERT INTO issue_text (rowid, search) VALUES (NEW.id, NEW.search);
END;
--
CREATE TRIGGER issue_deleted AFTER DELETE ON issue BEGIN
    UPDATE tally SET n = n - 1
    WHERE (status, level, regressed, covered, drafted) = (OLD.status, OLD.level, OLD.regressed, ifnull(OLD.covered, -1), OLD.draft IS NOT NULL);
    INSERT INTO issue_text (issue_text, rowid, search) VALUES ('delete', OLD.id, OLD.search);
END;
--
CREATE TRIGGER issue_changed AFTER UPDATE OF status, level, regressed, covered, draft ON issue
    WHEN (OLD.status, OLD.level, OLD.regressed, ifnull(OLD.covered, -1), OLD.draft IS NOT NULL) IS NOT (NEW.status, NEW.level, NEW.regressed, ifnull(NEW.covered, -1), NEW.draft IS NOT NULL) BEGIN
    UPDATE tally SET n = n - 1
    WHERE (status, level, regressed, covered, drafted) = (OLD.status, OLD.level, OLD.regressed, ifnull(OLD.covered, -1), OLD.draft IS NOT NULL);
    INSERT INTO tally (status, level, regressed, covered, drafted, n)
    VALUES (NEW.status, NEW.level, NEW.regressed, ifnull(NEW.covered, -1), NEW.draft IS NOT NULL, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
--
CREATE TRIGGER issue_reworded AFTER UPDATE OF search ON issue BEGIN
    INSERT INTO issue_text (issue_text, rowid, search) VALUES ('delete', OLD.id, OLD.search);
    INSERT INTO issue_text (rowid, search) VALUES (NEW.id, NEW.search);
END;
--
CREATE INDEX issue_service ON issue (service, status, id);
--
CREATE INDEX issue_first_release ON issue (first_release, status, id);
--
CREATE INDEX issue_unassigned ON issue (id, status) WHERE assignee IS NULL;
--
CREATE INDEX issue_narrow ON issue (id, status, level, service, assignee, regressed, covered, draft, last_seen, first_seen, count, users, first_release, seen, publication);
--
CREATE INDEX issue_title ON issue (title, id, status);
--
CREATE TABLE report (
	id INTEGER NOT NULL, 
	issue_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	source TEXT NOT NULL, 
	type TEXT NOT NULL, 
	impact TEXT NOT NULL, 
	steps TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	text TEXT NOT NULL, 
	removed_at BIGINT, 
	PRIMARY KEY (id)
);
--
CREATE INDEX report_issue ON report (issue_id, id);
--
CREATE INDEX issue_release_issue ON issue_release (issue_id);
--
INSERT INTO revision (id, value) VALUES (1, 0);
--
INSERT INTO alembic_version (version_num) VALUES ('0005')
