-- Version 6 of campaign.db, from version 5. Never edited after a release.
-- A shard is a stretch of an archive file; begin_byte 0: it is a file of its own, as older versions made them.
CREATE TABLE shard_6 (
  file        TEXT NOT NULL,
  begin_byte  INTEGER NOT NULL DEFAULT 0 CHECK (begin_byte >= 0),
  unit        INTEGER NOT NULL REFERENCES unit,
  bytes       INTEGER NOT NULL,
  checksum    TEXT NOT NULL,
  orbits      INTEGER NOT NULL,
  PRIMARY KEY (file, begin_byte)
) STRICT, WITHOUT ROWID;
INSERT INTO shard_6 (file, begin_byte, unit, bytes, checksum, orbits)
  SELECT file, 0, unit, bytes, checksum, orbits FROM shard;
DROP TABLE shard;
ALTER TABLE shard_6 RENAME TO shard;
CREATE INDEX shard_unit ON shard (unit);

-- Archive files as they were when all their shards were last known to be good.
CREATE TABLE archive (
  file        TEXT PRIMARY KEY,
  bytes       INTEGER NOT NULL,
  changed_ns  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
