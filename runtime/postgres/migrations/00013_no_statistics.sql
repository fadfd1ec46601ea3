-- ANALYZE copies values of columns into the planner's statistics, where they outlive the rows. Of columns that hold what learners are
-- called, where they come from and what they were answered, it keeps none. The type is set to what it is, which drops the
-- statistics that there are and rewrites nothing.

-- +goose Up
ALTER TABLE registrations
  ALTER COLUMN learner_id TYPE text, ALTER COLUMN learner_id SET STATISTICS 0,
  ALTER COLUMN learner_name TYPE text, ALTER COLUMN learner_name SET STATISTICS 0;
ALTER TABLE launches ALTER COLUMN return_url TYPE text, ALTER COLUMN return_url SET STATISTICS 0;
ALTER TABLE idempotency_keys
  ALTER COLUMN body TYPE bytea, ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE erasures
  ALTER COLUMN learner_id SET STATISTICS 0, ALTER COLUMN needles SET STATISTICS 0, ALTER COLUMN prefixes SET STATISTICS 0;
