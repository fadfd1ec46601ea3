-- Everything of a tenant lies in tables that are hash-partitioned by tenant_id, 16 partitions each. The number cannot be
-- changed later without moving the rows; 16 divides well and costs little.

-- +goose Up
-- +goose StatementBegin
-- Rows of these tables are updated in place often, so pages keep room for it (HOT updates).
CREATE PROCEDURE create_partitions(parent text, fill int DEFAULT 100) LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 0..15 LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 16, REMAINDER %s) WITH (fillfactor = %s)',
      parent || '_p' || to_char(n, 'FM00'), parent, n, fill);
  END LOOP;
END $$;
-- +goose StatementEnd
