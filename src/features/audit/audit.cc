#include "features/audit/audit.h"

#include "features/audit/chain.h"

namespace sluice::audit {

base::Result<void> append(db::Write& tx, const base::Actor& actor, base::Timestamp now, std::string_view event, const Object& object,
                          const base::json::Object& details) {
  const std::optional<std::string> actor_id = actor.id.is_nil() ? std::nullopt : std::optional(actor.id.str());
  return chain::add(tx,
                    {.id = EntryId::make(now).str(),
                     .at = std::to_string(base::to_micros(now)),
                     .event = std::string(event),
                     .actor_id = actor_id,
                     .actor_name = actor.display_name,
                     .object_kind = std::string(object.kind),
                     .object_id = object.id,
                     .object_name = object.name,
                     .request_id = actor.request_id,
                     .address = actor.address,
                     .details = base::json::write(base::json::Value(details))},
                    now);
}

}  // namespace sluice::audit
