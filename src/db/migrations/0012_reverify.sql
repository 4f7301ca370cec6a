-- When a connection was last taken to be verified again, by whichever node.
ALTER TABLE connections ADD COLUMN reverify_tried_at BIGINT NOT NULL DEFAULT 0;
