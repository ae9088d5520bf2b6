CREATE TABLE document (
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    parent TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, account, region, parent, id)
);
CREATE INDEX document_id ON document (kind, id);
CREATE TABLE finding (
    number INTEGER NOT NULL PRIMARY KEY,
    detector TEXT NOT NULL,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    type TEXT NOT NULL,
    severity REAL NOT NULL,
    archived INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    count BIGINT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL
);
CREATE UNIQUE INDEX finding_id ON finding (detector, id);
CREATE INDEX finding_updated ON finding (detector, updated_at, id);
CREATE INDEX finding_current_updated ON finding (detector, archived, updated_at, id);
CREATE INDEX finding_severity ON finding (detector, severity, id);
CREATE INDEX finding_current_severity ON finding (detector, archived, severity, id);
CREATE INDEX finding_created ON finding (detector, created_at, id);
CREATE INDEX finding_last_seen ON finding (detector, last_seen, id);
CREATE INDEX finding_count ON finding (detector, count, id);
CREATE INDEX finding_type ON finding (detector, type, id);
CREATE TABLE finding_body (
    number INTEGER NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
CREATE TABLE attribute_path (
    number INTEGER NOT NULL PRIMARY KEY,
    path TEXT NOT NULL UNIQUE
);
CREATE TABLE attribute_value (
    number INTEGER NOT NULL PRIMARY KEY,
    value TEXT NOT NULL UNIQUE,
    as_number REAL
);
CREATE INDEX attribute_value_number ON attribute_value (as_number);
CREATE TABLE finding_attribute (
    path INTEGER NOT NULL,
    value INTEGER NOT NULL,
    finding INTEGER NOT NULL,
    PRIMARY KEY (path, value, finding)
) WITHOUT ROWID;
CREATE TABLE finding_group (
    detector TEXT NOT NULL,
    kind TEXT NOT NULL,
    archived INTEGER NOT NULL,
    key TEXT NOT NULL,
    severity REAL NOT NULL,
    findings BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (detector, kind, archived, key, severity)
) WITHOUT ROWID;
CREATE INDEX finding_group_size ON finding_group (detector, kind, archived, findings, key);
CREATE TABLE user_account (
    name TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    password TEXT,
    policy TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE access_key (
    id TEXT NOT NULL PRIMARY KEY,
    user_name TEXT NOT NULL,
    sealed BLOB NOT NULL,
    token TEXT,
    expires_at BIGINT,
    active INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX access_key_user ON access_key (user_name);
CREATE TABLE idempotency (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    operation TEXT NOT NULL,
    token TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, operation, token)
);
CREATE TABLE list_content (
    id TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
);
