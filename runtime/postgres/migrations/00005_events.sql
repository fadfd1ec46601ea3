-- +goose Up
CREATE TABLE webhooks (
  tenant_id      text        NOT NULL REFERENCES tenants,
  id             uuid        NOT NULL,
  url            text        NOT NULL,
  events         text[]      NOT NULL, -- empty: all
  secret_version int         NOT NULL,
  active         boolean     NOT NULL,
  created_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
) PARTITION BY HASH (tenant_id);
CALL create_partitions('webhooks');

-- The outbox: a row is written in the transaction of what it tells of.
CREATE TABLE events (
  tenant_id   text        NOT NULL,
  id          uuid        NOT NULL,
  type        text        NOT NULL,
  data        json        NOT NULL,
  occurred_at timestamptz NOT NULL,
  expanded    boolean     NOT NULL DEFAULT false, -- has its deliveries
  PRIMARY KEY (tenant_id, id)
) PARTITION BY HASH (tenant_id);
CALL create_partitions('events', 90);
CREATE INDEX events_to_expand ON events (id) WHERE NOT expanded;
CREATE INDEX events_by_age ON events (occurred_at);

CREATE TABLE deliveries (
  tenant_id    text        NOT NULL,
  id           uuid        NOT NULL,
  webhook_id   uuid        NOT NULL,
  event_id     uuid        NOT NULL,
  attempts     int         NOT NULL DEFAULT 0,
  next_at      timestamptz,
  delivered_at timestamptz,
  last_status  int         NOT NULL DEFAULT 0,
  last_error   text        NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, event_id, webhook_id),
  CONSTRAINT deliveries_webhook FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks ON DELETE CASCADE,
  CONSTRAINT deliveries_event FOREIGN KEY (tenant_id, event_id) REFERENCES events ON DELETE CASCADE
) PARTITION BY HASH (tenant_id);
CALL create_partitions('deliveries', 80);
CREATE INDEX deliveries_by_webhook ON deliveries (tenant_id, webhook_id, event_id);
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
