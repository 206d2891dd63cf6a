-- Version 5 of campaign.db, from version 4. Never edited after a release.
-- A campaign's file may change. Each version of it that ran, with what it changed against the one before.
CREATE TABLE revision (
  number      INTEGER PRIMARY KEY,
  at_ms       INTEGER,
  identity    TEXT NOT NULL,
  text        TEXT NOT NULL,
  changes     TEXT NOT NULL,
  first       INTEGER NOT NULL,
  inputs      TEXT NOT NULL,
  hullscan    TEXT NOT NULL
) STRICT;
INSERT INTO revision (number, at_ms, identity, text, changes, first, inputs, hullscan)
  SELECT 1, NULL, identity, text, '[]', 0, '', hullscan FROM campaign;

-- A calculation stays where it is known, also where the campaign as it is now has no place for it: 1, its configuration is
-- not in the spaces; 2, its settings are others; 3, both. By which revision it was chosen.
ALTER TABLE task ADD COLUMN outside INTEGER NOT NULL DEFAULT 0 CHECK (outside BETWEEN 0 AND 3);
ALTER TABLE task ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
