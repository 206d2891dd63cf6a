-- Version 3 of campaign.db, from version 2. Never edited after a release.
-- Where an energy comes from: JSON of the attempt's command, input hashes, cores, machine, version of hullscan.
ALTER TABLE attempt ADD COLUMN particulars TEXT NOT NULL DEFAULT '{}';
