-- Who may come in by HTTP: people, their sessions, and tokens for programs. Nothing here lets anybody in who reads it: of passwords there is a slow hash, of sessions, tokens and
-- one-time codes the SHA-256 of a random value.

CREATE TABLE users (
    id           TEXT   NOT NULL PRIMARY KEY,
    name         TEXT   NOT NULL UNIQUE CHECK (name <> '' AND name = LOWER(name)),
    display_name TEXT   NOT NULL,
    roles        TEXT   NOT NULL,                     -- JSON: names of roles
    password     TEXT   CHECK (password <> ''),       -- NULL until it is set
    totp         TEXT   CHECK (totp <> ''),           -- the shared secret, base32; NULL = none
    totp_step    BIGINT NOT NULL DEFAULT 0,           -- the newest time step that was used: a code counts once
    failures     BIGINT NOT NULL DEFAULT 0,           -- wrong passwords since the last right one
    locked_until BIGINT,
    disabled_at  BIGINT,
    code         TEXT   UNIQUE CHECK (LENGTH(code) = 64), -- one-time code that sets the password
    code_until   BIGINT,
    created_at   BIGINT NOT NULL,
    created_by   TEXT   NOT NULL CHECK (created_by <> '')
);

CREATE TABLE sessions (
    hash       TEXT   NOT NULL PRIMARY KEY CHECK (LENGTH(hash) = 64),
    user_id    TEXT   NOT NULL REFERENCES users (id),
    origin     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

CREATE TABLE tokens (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    name       TEXT   NOT NULL CHECK (name <> ''),
    hash       TEXT   NOT NULL UNIQUE CHECK (LENGTH(hash) = 64),
    scopes     TEXT   NOT NULL,                       -- JSON: names of permissions
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    UNIQUE (user_id, name)
);
