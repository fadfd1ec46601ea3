-- +goose Up
CREATE TABLE idempotency_keys (
  tenant_id   text        NOT NULL REFERENCES tenants,
  key         text        NOT NULL,
  claim       uuid        NOT NULL, -- whose it is, so that a claim whose answer was lost is found again
  fingerprint bytea       NOT NULL,
  status      int         NOT NULL DEFAULT 0,
  header      json,
  body        bytea,
  claimed_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key)
) PARTITION BY HASH (tenant_id);
CALL create_partitions('idempotency_keys');
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (claimed_at);
