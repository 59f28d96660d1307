-- Due times of schedules, each once, from the moment at which the clock handed it over; and those that passed while nobody could.

CREATE TABLE schedule_firings (
    firing_no  {{identity}},
    schedule   TEXT    NOT NULL CHECK (schedule <> ''),
    due_at     BIGINT  NOT NULL,
    fired_at   BIGINT  NOT NULL,
    -- 0 due, 1 queued, 2 started, 3 skipped, 4 failed.
    state      INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
    run_id     TEXT    CHECK (run_id IS NULL OR LENGTH(run_id) = 36),
    reason     TEXT,
    decided_at BIGINT,
    UNIQUE (schedule, due_at),
    CHECK ((state = 2) = (run_id IS NOT NULL)),
    CHECK ((state = 0) = (decided_at IS NULL)),
    CHECK (state NOT IN (3, 4) OR reason IS NOT NULL)
);
CREATE INDEX schedule_firings_open ON schedule_firings (schedule, due_at) WHERE state <= 1;
CREATE INDEX schedule_firings_started ON schedule_firings (schedule, firing_no) WHERE state = 2;

CREATE TABLE schedule_misses (
    schedule TEXT    NOT NULL CHECK (schedule <> ''),
    first_at BIGINT  NOT NULL,
    last_at  BIGINT  NOT NULL,
    times    INTEGER NOT NULL CHECK (times >= 1),
    policy   INTEGER NOT NULL CHECK (policy BETWEEN 0 AND 2),
    at       BIGINT  NOT NULL,
    PRIMARY KEY (schedule, first_at)
);
