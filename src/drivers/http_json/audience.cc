#include "drivers/http_json/audience.h"

#include "base/text.h"
#include "drivers/http_json/answer.h"
#include "drivers/http_json/pointer.h"

namespace sluice::drivers::http_json {

namespace {

using base::Result;
using base::json::Value;

Result<Value> ask(Caller& caller, const Call& call, base::Deadline deadline) {
  ASSIGN_OR_RETURN(const net::HttpAnswer answer, caller.perform(call.prepare({}), deadline));
  auto body = parse_body(answer);
  const Value nothing;
  const Verdict verdict = judge(caller.service(), answer, body.ok() ? *body : nothing, caller.mask());
  if (!verdict.is_success) return error_of(verdict, answer, base::system_now());
  return body;
}

std::string find_id(const manifest::HttpAudience& rule, const Value& body, const std::string& name) {
  std::string id;
  visit_all(body, rule.each, [&](const Value& list) {
    const base::json::Array* items = list.as_array();
    for (std::size_t i = 0; items != nullptr && i < items->size() && id.empty(); ++i) {
      if (base::trim(text_at((*items)[i], rule.name)) == base::trim(name)) id = text_at((*items)[i], rule.found_id);
    }
    return id.empty();
  });
  return id;
}

}  // namespace

Result<std::string> find_or_make_audience(Caller& caller, const manifest::HttpAudience& rule, const Call* find, const Call& create,
                                          const std::string& name, base::Deadline deadline) {
  if (find != nullptr) {
    ASSIGN_OR_RETURN(const Value found, ask(caller, *find, deadline));
    if (std::string id = find_id(rule, found, name); !id.empty()) return id;
  }
  ASSIGN_OR_RETURN(const Value made, ask(caller, create, deadline));
  std::string id = text_at(made, rule.created_id);
  if (id.empty())
    return base::Error{.code = base::Code::upstream_rejected,
                       .reason = "service.bad_answer",
                       .detail = "The service made the audience \"" + name + "\" and did not say under which id."};
  return id;
}

}  // namespace sluice::drivers::http_json
