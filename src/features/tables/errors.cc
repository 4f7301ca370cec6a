#include "features/tables/errors.h"

#include "base/json.h"

namespace sluice::tables {

using base::Error;

Error table_missing() { return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such table."}; }
Error segment_missing() {
  return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such segment."};
}
Error upload_missing() {
  return Error{.code = base::Code::invalid,
               .reason = "upload.missing",
               .detail = "The uploaded file is not here any more; uploads are kept for a day. Upload it again.",
               .fields = {{"/upload_id", "missing", "is not an upload that is still kept"}}};
}
Error no_customer_table() {
  return Error{.code = base::Code::conflict,
               .reason = "segment.no_customer_table",
               .detail = "There is no Customer table yet. Import a table named Customer with the key CustomerId first."};
}
Error stale(std::string_view noun) {
  return Error{.code = base::Code::stale,
               .reason = "request.stale",
               .detail = "Someone else saved this " + std::string(noun) + " first. Reload it and try again."};
}

Error in_use(std::string_view noun, const std::vector<store::User>& users) {
  std::string names;
  base::json::Array list;
  for (const store::User& user : users) {
    if (list.size() < 5) names += (names.empty() ? "" : ", ") + user.display_name;
    list.push_back(base::json::Object{{"id", user.id}, {"display_name", user.display_name}});
  }
  if (users.size() > 5) names += " and " + std::to_string(users.size() - 5) + " more";
  return Error{.code = base::Code::in_use,
               .reason = "table.in_use",
               .detail = "This " + std::string(noun) + " is used by " + names + ". Take it out there first.",
               .extra = base::json::write(base::json::Object{{"dependants", base::json::Value(std::move(list))}})};
}

}  // namespace sluice::tables
