CREATE TABLE ledger (
    source TEXT NOT NULL,
    object TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL,
    content TEXT NOT NULL,
    tries BIGINT NOT NULL,
    why TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (source, object, version)
);
CREATE INDEX ledger_content ON ledger (content);
CREATE INDEX ledger_state ON ledger (state, at);
CREATE INDEX ledger_at ON ledger (at);
CREATE TABLE fact_run (
    number BIGINT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    bucket BIGINT NOT NULL,
    last_hour BIGINT NOT NULL,
    at BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    bytes BIGINT NOT NULL
);
CREATE INDEX fact_run_account ON fact_run (account, number);
CREATE TABLE fact_part (
    run BIGINT NOT NULL,
    part BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (run, part)
);
CREATE TABLE watched_account (
    account TEXT NOT NULL PRIMARY KEY,
    arrived BIGINT NOT NULL,
    judged BIGINT NOT NULL,
    closed_hour BIGINT NOT NULL,
    folded_hour BIGINT NOT NULL
);
CREATE TABLE live_finding (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    region TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (account, id)
);
CREATE TABLE folded_finding (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);
CREATE TABLE volume (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    day BIGINT NOT NULL,
    objects BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    records BIGINT NOT NULL,
    last_event BIGINT NOT NULL,
    last_read BIGINT NOT NULL,
    PRIMARY KEY (account, region, kind, day)
);
CREATE TABLE target (
    name TEXT NOT NULL PRIMARY KEY,
    detector TEXT NOT NULL
);
CREATE TABLE outbox (
    target TEXT NOT NULL,
    detector TEXT NOT NULL,
    finding TEXT NOT NULL,
    edition BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    due_at BIGINT,
    sent_at BIGINT,
    tries BIGINT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (target, detector, finding)
);
CREATE INDEX outbox_due ON outbox (target, due_at);
CREATE TABLE delivery (
    number BIGINT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL,
    detector TEXT NOT NULL,
    finding TEXT NOT NULL,
    edition BIGINT NOT NULL,
    at BIGINT NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX delivery_target ON delivery (target, number);
