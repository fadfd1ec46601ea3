-- How long a tenant's data is kept, and where the archived rest of it lies.

-- +goose Up
ALTER TABLE tenants ADD COLUMN keep_months int NOT NULL DEFAULT 0; -- 0: for ever
ALTER TABLE tenants ADD COLUMN archives boolean NOT NULL DEFAULT false; -- what is older is archived, not only removed

CREATE TABLE archives (
  tenant_id       text        NOT NULL,
  attempt_id      uuid        NOT NULL,
  registration_id uuid        NOT NULL,
  course_id       uuid        NOT NULL,
  learner_hash    text        NOT NULL,
  archived_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, attempt_id)
) PARTITION BY HASH (tenant_id);
CALL create_partitions('archives');
CREATE INDEX archives_by_learner ON archives (tenant_id, learner_hash);
CREATE INDEX archives_by_course ON archives (tenant_id, course_id);
