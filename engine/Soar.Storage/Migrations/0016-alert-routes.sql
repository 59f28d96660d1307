-- What a rule has changed in an alert before it was kept: {"rule", "severity", "tlp"}, the last two as its detector said.
ALTER TABLE alerts ADD COLUMN routed TEXT;
