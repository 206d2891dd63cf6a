-- Version 2 of campaign.db, from version 1. Never edited after a release.
-- A unit is done again when its shard is damaged; what it adds to its stratum's spectrum must count once.
ALTER TABLE unit ADD COLUMN summed INTEGER NOT NULL DEFAULT 0 CHECK (summed IN (0, 1));

CREATE TABLE spectrum (
  pass        INTEGER NOT NULL REFERENCES pass,
  space       INTEGER NOT NULL,
  supercell   INTEGER NOT NULL,
  composition INTEGER NOT NULL,
  sums        BLOB NOT NULL,
  PRIMARY KEY (pass, space, supercell, composition)
) STRICT, WITHOUT ROWID;
