-- +goose Up
-- What commits are refused for, and what they may not undo: see package attempt.
ALTER TABLE attempts
  ADD COLUMN ended_fence    bigint NOT NULL DEFAULT 0, -- of the newest launch that has ended
  ADD COLUMN ended_sequence bigint NOT NULL DEFAULT 0, -- of that launch's last commit; 0: it was ended from outside
  ADD COLUMN floor          jsonb;                     -- the best that superseded launches have reported; NULL: nothing
ALTER TABLE launches ADD COLUMN ended_sequence bigint; -- of its last commit; NULL: it has not ended
