-- What keeps automation from doing harm: kill switches, the effects that they hold, and the targets that effects under a budget have reached.

CREATE TABLE kill_switches (
    switch_no   {{identity}},
    id          TEXT    NOT NULL UNIQUE CHECK (LENGTH(id) = 36),
    connector   TEXT    CHECK (connector <> ''),
    effect      INTEGER CHECK (effect BETWEEN 1 AND 5),
    playbook    TEXT    CHECK (playbook <> ''),
    switched_by TEXT    NOT NULL CHECK (switched_by <> ''),
    reason      TEXT    NOT NULL CHECK (reason <> ''),
    since       BIGINT  NOT NULL,
    lifted_at   BIGINT,
    lifted_by   TEXT    CHECK (lifted_by <> ''),
    lift_reason TEXT,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CREATE INDEX kill_switches_on ON kill_switches (switch_no) WHERE lifted_at IS NULL;

-- In the order in which they were held, which is the order in which they go on.
CREATE TABLE held_effects (
    held_no  {{identity}},
    run_no   BIGINT  NOT NULL REFERENCES runs (run_no),
    ordinal  INTEGER NOT NULL CHECK (ordinal >= 0),
    path     TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    instance TEXT    NOT NULL,
    effect   INTEGER NOT NULL CHECK (effect BETWEEN 1 AND 5),
    playbook TEXT    NOT NULL,
    since    BIGINT  NOT NULL,
    UNIQUE (run_no, ordinal)
);

-- One row for each effect under a budget, made when it begins; its idempotency key counts it once.
CREATE TABLE budget_uses (
    use_no    {{identity}},
    key       TEXT    NOT NULL UNIQUE CHECK (key <> ''),
    -- The run at the top: sub-runs spend its budget.
    run_no    BIGINT  NOT NULL REFERENCES runs (run_no),
    effect    INTEGER NOT NULL CHECK (effect BETWEEN 1 AND 5),
    instance  TEXT    NOT NULL,
    target    TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1))
);
CREATE INDEX budget_uses_by_hour ON budget_uses (effect, at);
CREATE INDEX budget_uses_by_run ON budget_uses (run_no, effect);
