-- What a waiting run waits for, as JSON, for people: the names of signals stand nowhere else while it is forgotten.
ALTER TABLE runs ADD COLUMN waits_for TEXT;
