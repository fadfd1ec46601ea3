-- +goose Up
CREATE INDEX imports_waiting ON imports (created_at) WHERE state = 'waiting';
