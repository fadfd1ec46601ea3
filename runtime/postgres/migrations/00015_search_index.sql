-- +goose NO TRANSACTION
-- Each statement by itself, so that no lock is held for longer than its own work; all may be run again. A million registrations
-- take a minute or two.

-- +goose Up
-- Meanwhile registrations that have no words yet are not found by them, and cannot begin another attempt.
UPDATE registrations SET words = search_words(tenant_id, learner_id || ' ' || learner_name) WHERE words IS NULL;
-- While these are built nobody registers and no course is made; commits and launches go on.
CREATE INDEX IF NOT EXISTS registrations_by_word ON registrations USING gin (words);
CREATE INDEX IF NOT EXISTS courses_by_word ON courses USING gin (search_words(tenant_id, title));
ANALYZE courses;
