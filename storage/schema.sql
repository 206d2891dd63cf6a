-- Version 1 of campaign.db. Never edited after a release: the next version is a step of its own (see schema.cpp).
-- Documented in docs/formats/campaign-db.md. Unsigned 64-bit values are stored as the signed integer of the same bits.

CREATE TABLE campaign (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  name        TEXT NOT NULL,
  identity    TEXT NOT NULL,
  text        TEXT NOT NULL,
  resolved    TEXT NOT NULL,
  hullscan    TEXT NOT NULL
) STRICT;

CREATE TABLE fact (
  key         TEXT PRIMARY KEY,
  text        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pass (
  number      INTEGER PRIMARY KEY,
  model_hash  INTEGER NOT NULL,
  model       BLOB NOT NULL,
  finished    INTEGER NOT NULL DEFAULT 0 CHECK (finished IN (0, 1))
) STRICT;

CREATE TABLE unit (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  pass        INTEGER NOT NULL REFERENCES pass,
  space       INTEGER NOT NULL,
  supercell   INTEGER NOT NULL,
  composition INTEGER NOT NULL,
  begin_at    BLOB NOT NULL,
  end_at      BLOB NOT NULL,
  done        INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
  orbits      INTEGER NOT NULL DEFAULT 0,
  labelled    INTEGER NOT NULL DEFAULT 0,
  seconds     REAL NOT NULL DEFAULT 0,
  UNIQUE (pass, space, supercell, composition, begin_at)
) STRICT;
CREATE INDEX unit_open ON unit (pass, id) WHERE done = 0;

CREATE TABLE candidate (
  pass        INTEGER NOT NULL REFERENCES pass,
  space       INTEGER NOT NULL,
  supercell   INTEGER NOT NULL,
  composition INTEGER NOT NULL,
  score       INTEGER NOT NULL,
  occupation  BLOB NOT NULL,
  degeneracy  INTEGER NOT NULL,
  PRIMARY KEY (pass, space, supercell, composition, score, occupation)
) STRICT, WITHOUT ROWID;

CREATE TABLE shard (
  file        TEXT PRIMARY KEY,
  unit        INTEGER NOT NULL REFERENCES unit,
  bytes       INTEGER NOT NULL,
  checksum    TEXT NOT NULL,
  orbits      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shard_unit ON shard (unit);

CREATE TABLE round (
  number      INTEGER PRIMARY KEY,
  policy      TEXT NOT NULL,
  finished    INTEGER NOT NULL DEFAULT 0 CHECK (finished IN (0, 1)),
  fit         TEXT NOT NULL DEFAULT '',
  hull        TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE task (
  id          INTEGER PRIMARY KEY,
  key         TEXT NOT NULL UNIQUE,
  round       INTEGER NOT NULL REFERENCES round,
  space       INTEGER NOT NULL,
  supercell   INTEGER NOT NULL,
  composition INTEGER NOT NULL,
  occupation  BLOB NOT NULL,
  degeneracy  INTEGER NOT NULL,
  formula     TEXT NOT NULL,
  predicted   REAL,
  structure   BLOB NOT NULL,
  settings    TEXT NOT NULL,
  state       INTEGER NOT NULL
) STRICT;
CREATE INDEX task_state ON task (state, id);

CREATE TABLE attempt (
  task        INTEGER NOT NULL REFERENCES task,
  number      INTEGER NOT NULL,
  directory   TEXT NOT NULL,
  settings    TEXT NOT NULL,
  handler     TEXT NOT NULL,
  explanation TEXT NOT NULL,
  job         TEXT NOT NULL DEFAULT '',
  prepared_ms INTEGER NOT NULL,
  started_ms  INTEGER,
  ended_ms    INTEGER,
  outcome     TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (task, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_event (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  task        INTEGER NOT NULL REFERENCES task,
  at_ms       INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  text        TEXT NOT NULL,
  retry       INTEGER NOT NULL CHECK (retry IN (0, 1))
) STRICT;
CREATE INDEX task_event_task ON task_event (task, id);

CREATE TABLE result (
  task          INTEGER PRIMARY KEY REFERENCES task,
  attempt       INTEGER NOT NULL,
  calculation   TEXT NOT NULL,
  energy_ev     REAL NOT NULL,
  structure     BLOB NOT NULL,
  forces        BLOB,
  stress        BLOB,
  magnetization REAL,
  code_wall_s   REAL,
  wall_s        REAL NOT NULL,
  code_version  TEXT NOT NULL,
  hull_keys     TEXT NOT NULL
) STRICT;
