-- +goose Up
-- The only table without tenant_id: it is the list of them.
CREATE TABLE tenants (
  id         text        NOT NULL PRIMARY KEY,
  name       text        NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE api_keys (
  tenant_id    text        NOT NULL REFERENCES tenants,
  id           uuid        NOT NULL,
  name         text        NOT NULL,
  scopes       text[]      NOT NULL,
  hash         bytea       NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id)
) PARTITION BY HASH (tenant_id);
CALL create_partitions('api_keys');
-- Authentication does not know the tenant yet.
CREATE INDEX api_keys_by_id ON api_keys (id);
