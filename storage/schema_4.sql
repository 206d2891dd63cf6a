-- Version 4 of campaign.db, from version 3. Never edited after a release.
-- Whether a result counts: what hullscan and people have said of it, oldest first; rows are only ever added.
CREATE TABLE judgement (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  task        INTEGER NOT NULL REFERENCES task,
  at_ms       INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  who         TEXT NOT NULL,
  why         TEXT NOT NULL
) STRICT;
CREATE INDEX judgement_task ON judgement (task, id);

-- Of the row, when it was accepted; '' of results of an older hullscan until they have been compared with their files.
ALTER TABLE result ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
