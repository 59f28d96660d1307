-- What people see: a TLP and folders of playbooks (Grant, as JSON). Whoever was there before there was such a thing keeps what they saw; whoever comes later sees what they are given.
ALTER TABLE users ADD COLUMN sight TEXT;
UPDATE users SET sight = '{"clearance":"Red","see":["*"],"run":["*"],"edit":["*"]}';

-- What a token is narrowed to; NULL = what its owner sees.
ALTER TABLE tokens ADD COLUMN sight TEXT;

-- The TLP that a run was started with: its playbook's, its alert's, its parent's. Its case's, which may change, stands in the case. Of an old run the playbook's is known; where not even that is, it is the strictest.
ALTER TABLE runs ADD COLUMN tlp INTEGER NOT NULL DEFAULT 4;
UPDATE runs SET tlp = COALESCE((
    SELECT CASE WHEN v.header LIKE '%"tlp":"Red"%' THEN 4 WHEN v.header LIKE '%"tlp":"AmberStrict"%' THEN 3 WHEN v.header LIKE '%"tlp":"Amber"%' THEN 2 WHEN v.header LIKE '%"tlp":"Green"%' THEN 1 WHEN v.header LIKE '%"tlp":"Clear"%' THEN 0 ELSE 4 END
    FROM versions AS v WHERE v.hash = runs.version_hash), 4);

-- The detector's TLP, as the run that it starts has it; AMBER where it says none, as a case of such an alert is.
ALTER TABLE alerts ADD COLUMN tlp INTEGER NOT NULL DEFAULT 2;
UPDATE alerts SET tlp = CASE WHEN alert LIKE '%"tlp":"Red"%' THEN 4 WHEN alert LIKE '%"tlp":"AmberStrict"%' THEN 3 ELSE 2 END;
