-- Who a person is at an identity provider (OpenID Connect): the issuer and the subject that it never gives to anybody else. Mail addresses and names may change hands, so none of them
-- stands here.

CREATE TABLE logins (
    issuer    TEXT   NOT NULL CHECK (issuer <> ''),
    subject   TEXT   NOT NULL CHECK (subject <> ''),
    user_id   TEXT   NOT NULL REFERENCES users (id),
    provider  TEXT   NOT NULL CHECK (provider <> ''), -- its name in the settings when it was linked
    linked_at BIGINT NOT NULL,
    seen_at   BIGINT NOT NULL,                        -- the last log-in
    PRIMARY KEY (issuer, subject),
    UNIQUE (user_id, issuer)
);

-- The provider that the session came by, to be told when it ends; NULL = a password.
ALTER TABLE sessions ADD COLUMN provider TEXT;
