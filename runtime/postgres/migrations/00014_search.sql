-- People look for learners and courses by the beginnings of words. Built in, without an extension: the words of a row are
-- lexemes of a tsvector, as they are, without a language; a tsquery asks for their beginnings ('word':*).

-- +goose Up
-- +goose StatementBegin
-- The words of a text: runs of letters and digits, everything else in ASCII parts them, in lower case by the rules of Unicode
-- (pg_c_utf8 is built in and never changes, unlike a collation of the operating system). Each begins with its tenant and a
-- slash, so that a search touches the index entries of one tenant alone. package postgres makes the same words of a search.
CREATE FUNCTION search_words(tenant text, said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(array_remove(string_to_array(
  replace(' ' || trim(regexp_replace(lower(said COLLATE pg_c_utf8), '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007f]+', ' ', 'g')),
    ' ', ' ' || tenant || '/'), ' '), ''));
-- +goose StatementEnd

-- Words are kept, not worked out by each search: a plan that looks at every row must not cost a regular expression a row. A
-- trigger keeps them, so that instances of the release before do too; a generated column would rewrite the table under a lock.
-- The planner keeps no statistics of them, which would outlive a learner who is erased (00013).
ALTER TABLE registrations ADD COLUMN words tsvector;
ALTER TABLE registrations ALTER COLUMN words SET STATISTICS 0;
-- +goose StatementBegin
CREATE FUNCTION keep_registration_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.words := search_words(NEW.tenant_id, NEW.learner_id || ' ' || NEW.learner_name);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_words BEFORE INSERT OR UPDATE OF learner_id, learner_name ON registrations
  FOR EACH ROW EXECUTE FUNCTION keep_registration_words();
