-- What is to be erased, until it is, and then the receipt. There is no foreign key: a receipt outlives what it is of.

-- +goose Up
CREATE TABLE erasures (
  tenant_id    text        NOT NULL,
  id           uuid        NOT NULL,
  kind         text        NOT NULL,
  subject      text        NOT NULL, -- id of what is erased; '' for a learner
  version      int         NOT NULL DEFAULT 0,
  learner_hash text        NOT NULL DEFAULT '',
  learner_id   text,                 -- until it is finished
  requested_by text        NOT NULL,
  requested_at timestamptz NOT NULL,
  state        text        NOT NULL,
  prefixes     text[]      NOT NULL DEFAULT '{}', -- of the object store
  needles      text[]      NOT NULL DEFAULT '{}', -- ids by which remembered answers are found
  removed      json        NOT NULL,
  due_at       timestamptz NOT NULL, -- for a worker; a lease moves it
  finished_at  timestamptz,
  PRIMARY KEY (tenant_id, id)
) PARTITION BY HASH (tenant_id);
CALL create_partitions('erasures', 80);
CREATE INDEX erasures_due ON erasures (due_at) WHERE finished_at IS NULL;
CREATE INDEX erasures_by_subject ON erasures (tenant_id, kind, subject);
-- One at a time of each thing.
CREATE UNIQUE INDEX erasures_unfinished ON erasures (tenant_id, kind, subject, version, learner_hash) WHERE finished_at IS NULL;

-- A course that is being erased is no course any more.
ALTER TABLE courses ADD COLUMN erasing boolean NOT NULL DEFAULT false;
-- The report of a refused import outlives the course that it was for.
ALTER TABLE imports DROP CONSTRAINT imports_course;
CREATE INDEX imports_by_course ON imports (tenant_id, course_id);

-- Deleting an attempt or a version asks who refers to it; its events are found by it too.
CREATE INDEX attempts_by_version ON attempts (tenant_id, course_id, version);
CREATE INDEX launches_by_attempt ON launches (tenant_id, attempt_id);
CREATE INDEX launches_by_version ON launches (tenant_id, course_id, version);
CREATE INDEX events_by_attempt ON events (tenant_id, (data->>'attemptId'));
