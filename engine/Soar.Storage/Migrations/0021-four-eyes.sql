-- Who must not answer, who has taken a question up, and who has handed it on.

ALTER TABLE questions ADD COLUMN four_eyes INTEGER NOT NULL DEFAULT 0 CHECK (four_eyes IN (0, 1));
ALTER TABLE questions ADD COLUMN claimed_by TEXT CHECK (claimed_by <> '');
ALTER TABLE questions ADD COLUMN claimed_at BIGINT;
-- JSON, in order: who handed it to whom, in which role, why and when. NULL = nobody did.
ALTER TABLE questions ADD COLUMN delegations TEXT;
