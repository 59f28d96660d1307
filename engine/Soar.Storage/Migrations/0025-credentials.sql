-- What connectors and hooks are given to prove who we are. The values are sealed (soar1:key:wrapped data key:value, engine/docs/credentials.md); the key is not here.

CREATE TABLE credentials (
    name      TEXT   NOT NULL PRIMARY KEY CHECK (name <> '' AND name = LOWER(name)),
    sealed    TEXT   NOT NULL CHECK (sealed LIKE 'soar1:%'),
    version   BIGINT NOT NULL CHECK (version >= 1), -- one more with each new value
    set_by    TEXT   NOT NULL CHECK (set_by <> ''),
    set_at    BIGINT NOT NULL,
    sealed_at BIGINT NOT NULL                       -- when it was encrypted last: by a new value, or by a rotation
);

-- When each place of the settings took it last.
CREATE TABLE credential_uses (
    credential TEXT   NOT NULL REFERENCES credentials (name),
    used_by    TEXT   NOT NULL CHECK (used_by <> ''),
    used_at    BIGINT NOT NULL,
    PRIMARY KEY (credential, used_by)
);
