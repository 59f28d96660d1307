-- How many runs of a playbook may be under way at once, as the engine was told last; and which runs count, or stand in line.

CREATE TABLE run_limits (
    playbook   TEXT    NOT NULL PRIMARY KEY CHECK (playbook <> ''),
    at_once    INTEGER CHECK (at_once >= 1),
    per_source INTEGER CHECK (per_source >= 1),
    CHECK (at_once IS NOT NULL OR per_source IS NOT NULL)
);

-- The source of the alert that started it.
ALTER TABLE runs ADD COLUMN source TEXT CHECK (source <> '');
-- 0 stands in line, 1 is under way and counts; NULL = no limit is about it.
ALTER TABLE runs ADD COLUMN place INTEGER CHECK (place BETWEEN 0 AND 1);
CREATE INDEX runs_by_place ON runs (playbook, place, run_no) WHERE place IS NOT NULL;
