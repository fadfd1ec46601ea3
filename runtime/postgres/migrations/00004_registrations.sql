-- +goose Up
CREATE TABLE registrations (
  tenant_id    text        NOT NULL,
  id           uuid        NOT NULL,
  course_id    uuid        NOT NULL,
  learner_id   text        NOT NULL,
  learner_name text        NOT NULL,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, course_id, learner_id),
  CONSTRAINT registrations_course FOREIGN KEY (tenant_id, course_id) REFERENCES courses
) PARTITION BY HASH (tenant_id);
CALL create_partitions('registrations');
CREATE INDEX registrations_by_course ON registrations (tenant_id, course_id, id);
CREATE INDEX registrations_by_learner ON registrations (tenant_id, learner_id, id);

CREATE TABLE attempts (
  tenant_id        text        NOT NULL,
  id               uuid        NOT NULL,
  registration_id  uuid        NOT NULL,
  number           int         NOT NULL,
  course_id        uuid        NOT NULL,
  version          int         NOT NULL,
  fence            bigint      NOT NULL DEFAULT 0, -- of the newest launch that was opened
  applied_fence    bigint      NOT NULL DEFAULT 0, -- of the newest commit that result and state are from
  applied_sequence bigint      NOT NULL DEFAULT 0,
  result           jsonb       NOT NULL,
  state            json,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, registration_id, number),
  CONSTRAINT attempts_registration FOREIGN KEY (tenant_id, registration_id) REFERENCES registrations,
  CONSTRAINT attempts_version FOREIGN KEY (tenant_id, course_id, version) REFERENCES course_versions
) PARTITION BY HASH (tenant_id);
CALL create_partitions('attempts', 70);

CREATE TABLE activity_states (
  tenant_id   text        NOT NULL,
  attempt_id  uuid        NOT NULL,
  activity_id text        NOT NULL,
  fence       bigint      NOT NULL,
  sequence    bigint      NOT NULL,
  commits     bigint      NOT NULL, -- applied
  cmi         json        NOT NULL, -- json, since jsonb refuses \u0000, which courses may send
  result      jsonb       NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, attempt_id, activity_id),
  CONSTRAINT activity_states_attempt FOREIGN KEY (tenant_id, attempt_id) REFERENCES attempts
) PARTITION BY HASH (tenant_id);
CALL create_partitions('activity_states', 70);

CREATE TABLE launches (
  tenant_id       text        NOT NULL,
  id              uuid        NOT NULL,
  registration_id uuid,
  attempt_id      uuid,
  course_id       uuid        NOT NULL,
  version         int         NOT NULL,
  mode            text        NOT NULL,
  return_url      text        NOT NULL,
  fence           bigint      NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL,
  link_expires_at timestamptz NOT NULL,
  opened_at       timestamptz,
  expires_at      timestamptz,
  ended_at        timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT launches_registration FOREIGN KEY (tenant_id, registration_id) REFERENCES registrations,
  CONSTRAINT launches_attempt FOREIGN KEY (tenant_id, attempt_id) REFERENCES attempts,
  CONSTRAINT launches_version FOREIGN KEY (tenant_id, course_id, version) REFERENCES course_versions
) PARTITION BY HASH (tenant_id);
CALL create_partitions('launches', 80);
CREATE INDEX launches_by_registration ON launches (tenant_id, registration_id, id);
