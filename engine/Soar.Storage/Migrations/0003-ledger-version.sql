-- Counts the changes of a ledger row: a writer names the one it read, so that a lift and a new holder cannot pass each other unseen.
ALTER TABLE containments ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1);
