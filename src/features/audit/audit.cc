#include "features/audit/audit.h"

namespace sluice::audit {

using AuditId = base::Id<struct AuditTag>;

base::Result<void> append(db::Write& tx, const base::Actor& actor, base::Timestamp now, std::string_view event, const Object& object,
                          const base::json::Object& details) {
  const std::optional<base::UserId> actor_id = actor.id.is_nil() ? std::nullopt : std::optional(actor.id);
  RETURN_IF_ERROR(tx.execute(R"sql(
      INSERT INTO audit_entries (id, at, event, actor_id, actor_name, object_kind, object_id, object_name, request_id, address, details)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11))sql",
                             AuditId::make(now), now, event, actor_id, actor.display_name, object.kind, object.id, object.name,
                             actor.request_id, actor.address, details));
  return {};
}

}  // namespace sluice::audit
