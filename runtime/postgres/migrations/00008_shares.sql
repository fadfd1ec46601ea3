-- +goose Up
-- A webhook that fails again and again is left alone for a while: see postgres.SettleDelivery.
ALTER TABLE webhooks
  ADD COLUMN failures   int NOT NULL DEFAULT 0, -- in a row
  ADD COLUMN open_until timestamptz;            -- nothing is delivered before; NULL: it is well
-- Deliveries are claimed tenant by tenant. deliveries_due is for the release before.
CREATE INDEX deliveries_due_by_tenant ON deliveries (tenant_id, next_at) WHERE next_at IS NOT NULL;
-- What a tenant may have, where that is not the service's default: see tenant.Quotas.
ALTER TABLE tenants ADD COLUMN quotas jsonb NOT NULL DEFAULT '{}';
