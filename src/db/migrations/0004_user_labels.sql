-- Whom an owner's id names now; who is not in here is a former user (ROL-40).
CREATE VIEW user_labels AS
  SELECT id, display_name FROM users
  UNION ALL
  SELECT id, display_name FROM api_keys;
