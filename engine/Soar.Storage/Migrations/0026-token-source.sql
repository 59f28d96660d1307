-- A detector's token may speak for one source only: whoever steals it cannot send alerts in another's name.

ALTER TABLE tokens ADD COLUMN source TEXT CHECK (source <> ''); -- NULL = any
