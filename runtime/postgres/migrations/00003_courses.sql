-- +goose Up
CREATE TABLE courses (
  tenant_id          text        NOT NULL REFERENCES tenants,
  id                 uuid        NOT NULL,
  title              text        NOT NULL,
  latest_version     int         NOT NULL,
  suspend_data_limit int         NOT NULL,
  created_at         timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
) PARTITION BY HASH (tenant_id);
CALL create_partitions('courses');

CREATE TABLE course_versions (
  tenant_id  text        NOT NULL,
  course_id  uuid        NOT NULL,
  number     int         NOT NULL,
  content_id text        NOT NULL,
  structure  json        NOT NULL, -- json keeps the text as it is; nothing is searched in it
  files      int         NOT NULL,
  bytes      bigint      NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, course_id, number),
  CONSTRAINT course_versions_course FOREIGN KEY (tenant_id, course_id) REFERENCES courses
) PARTITION BY HASH (tenant_id);
CALL create_partitions('course_versions');

CREATE TABLE imports (
  tenant_id   text        NOT NULL,
  id          uuid        NOT NULL,
  course_id   uuid        NOT NULL,
  file_name   text        NOT NULL,
  skeleton    boolean     NOT NULL, -- launch files may be missing
  state       text        NOT NULL,
  progress    json        NOT NULL,
  report      json,
  version     int         NOT NULL DEFAULT 0,
  attempts    int         NOT NULL DEFAULT 0,
  lease_token bigint      NOT NULL DEFAULT 0, -- grows with each worker that begins
  lease_until timestamptz,
  created_at  timestamptz NOT NULL,
  queued_at   timestamptz,
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT imports_course FOREIGN KEY (tenant_id, course_id) REFERENCES courses
) PARTITION BY HASH (tenant_id);
CALL create_partitions('imports', 80);
CREATE INDEX imports_unfinished ON imports (queued_at) WHERE state IN ('queued', 'running');
