-- How a table was read last, and the path from which the system refresh reads it again.
ALTER TABLE tables ADD COLUMN import_plan TEXT;
ALTER TABLE tables ADD COLUMN refresh_path TEXT;
