#include "drivers/http_json/answer.h"

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "drivers/http_json/budget.h"
#include "drivers/http_json/names.h"
#include "drivers/http_json/pointer.h"
#include "drivers/paths.h"

namespace sluice::drivers::http_json {

using base::Code;
using base::Error;
using base::Result;
using base::json::Value;
using manifest::Means;

namespace {

constexpr std::size_t kMostCode = 64, kMostWords = 300;

std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  text.resize(most);
  while (!text.empty() && !base::is_valid_utf8(text)) text.pop_back();
  return text;
}

// For people: masked, one line, not endless.
std::string said(std::string_view text, const Mask& mask) { return scrub(mask.text(text, kMostWords)); }

Means default_means(long status) {
  switch (status) {
    case 401:
      return Means::credentials;
    case 403:
      return Means::permission;
    case 404:
    case 410:
      return Means::missing;
    case 408:
    case 425:
      return Means::transient;
    case 429:
      return Means::rate_limited;
    case 400:
    case 409:
    case 413:
    case 422:
      return Means::rows;
    default:
      return status >= 500 ? Means::transient : Means::refused;
  }
}

bool matches(const manifest::HttpError& rule, long status, const Value& body) {
  if (!rule.status.empty() && std::find(rule.status.begin(), rule.status.end(), status) == rule.status.end()) return false;
  return (rule.pointer.empty() && rule.equals.empty()) || holds(body, rule.pointer, rule.equals);
}

std::string key_of(std::string_view value) { return base::fold_case(base::trim(value)); }

// An item of a list or a member of an object in an answer, and the name or place it has there.
struct Item {
  const Value* value = nullptr;
  std::string name;

  std::string text(std::string_view pointer) const { return pointer == "#" ? name : text_at(*value, pointer); }
};

void visit_items(const Value& body, std::string_view each, const std::function<void(const Item&)>& visit) {
  visit_all(body, each, [&](const Value& list) {
    if (const base::json::Array* items = list.as_array()) {
      for (std::size_t i = 0; i < items->size(); ++i) visit({&(*items)[i], std::to_string(i)});
    } else if (const base::json::Object* members = list.as_object()) {
      for (const auto& [name, value] : *members) visit({&value, name});
    }
    return true;
  });
}

// Finds the rows of a request that an item speaks of.
class Finder {
 public:
  Finder(std::span<const RowRef> rows, std::ptrdiff_t column) : rows_(rows), column_(column) {}

  std::vector<std::size_t> by_place(const std::string& text) const {
    const auto place = base::parse_int(text);
    if (!place || *place < 0 || static_cast<std::size_t>(*place) >= rows_.size()) return {};
    return {static_cast<std::size_t>(*place)};
  }

  std::vector<std::size_t> by_value(const std::string& value) {
    if (column_ < 0 || value.empty()) return {};
    if (places_.empty()) {
      for (std::size_t i = 0; i < rows_.size(); ++i)
        places_.emplace(key_of(rows_[i].block->cell(rows_[i].row, static_cast<std::size_t>(column_)).text()), i);
    }
    std::vector<std::size_t> out;
    const auto [from, to] = places_.equal_range(key_of(value));
    for (auto at = from; at != to; ++at) out.push_back(at->second);
    return out;
  }

  // `by` may lead to several values.
  std::vector<std::size_t> find(const Item& item, const std::optional<std::string>& row, const std::optional<std::string>& by) {
    if (row) return by_place(item.text(*row));
    if (!by) return {};
    if (*by == "#") return by_value(item.name);
    std::vector<std::size_t> out;
    visit_all(*item.value, *by, [&](const Value& value) {
      for (const std::size_t place : by_value(text_at(value, ""))) out.push_back(place);
      return true;
    });
    return out;
  }

 private:
  std::span<const RowRef> rows_;
  std::ptrdiff_t column_;
  std::unordered_multimap<std::string, std::size_t> places_;
};

}  // namespace

std::string words_of(const net::HttpAnswer& answer, const Value& body, const Mask& mask) {
  static constexpr std::array<std::string_view, 18> kPlaces = {"/error/message",
                                                               "/error_description",
                                                               "/message",
                                                               "/detail",
                                                               "/errors/0/message",
                                                               "/errors/0/detail",
                                                               "/errors/0/title",
                                                               "/error/error_user_msg",
                                                               "/Message",
                                                               "/Errors/0/Message",
                                                               "/0/message",
                                                               "/errorMessage",
                                                               "/msg",
                                                               "/title",
                                                               "/errors/0",
                                                               "/error",
                                                               "/description",
                                                               "/debug_message"};
  for (const std::string_view place : kPlaces) {
    if (const std::string text = text_at(body, place); !text.empty()) return said(text, mask);
  }
  const bool is_plain = answer.header("content-type").value_or("").starts_with("text/plain");
  return is_plain || (!body.is_null() && body.as_string() != nullptr) ? said(answer.body, mask) : std::string();
}

Result<Value> parse_body(const net::HttpAnswer& answer) {
  if (base::trim(answer.body).empty()) return Value();
  auto parsed = base::json::parse(answer.body, {.bytes = 64 << 20, .depth = 64, .values = 5'000'000, .big_as_text = true});
  if (parsed.ok()) return parsed;
  return Error{.code = Code::upstream_unavailable,
               .reason = "service.bad_answer",
               .detail = "The service answered with something that is not JSON.",
               .internal = parsed.error().detail};
}

Verdict judge(const manifest::HttpService& service, const net::HttpAnswer& answer, const Value& body, const Mask& mask) {
  Verdict out{.code = "http." + std::to_string(answer.status)};
  const bool is_2xx = answer.status >= 200 && answer.status < 300;
  const auto rule = std::find_if(service.errors.begin(), service.errors.end(),
                                 [&](const manifest::HttpError& one) { return matches(one, answer.status, body); });
  if (rule == service.errors.end()) {
    out.is_success = is_2xx;
    if (!is_2xx) out.means = default_means(answer.status);
  } else {
    out.means = rule->means;
    out.advice = rule->advice;
    out.is_success = rule->means == Means::partial;
  }
  if (!out.is_success) out.words = words_of(answer, body, mask);
  return out;
}

Error error_of(const Verdict& verdict, const net::HttpAnswer& answer, base::Timestamp now) {
  const std::string status = "status " + std::to_string(answer.status);
  const std::string says = verdict.words.empty() ? " (" + status + ")." : " (" + status + "). It says: " + verdict.words;
  const auto failure = [&](Code code, std::string reason, const std::string& what, const std::string& advice) {
    const std::string then = verdict.advice.value_or(advice);
    return Error{.code = code, .reason = std::move(reason), .detail = what + says + (then.empty() ? "" : " " + then), .internal = status};
  };
  switch (verdict.means) {
    case Means::credentials:
      return failure(Code::upstream_rejected, "service.credentials", "The service does not accept the credentials",
                     "Enter them anew in the connection.");
    case Means::permission:
      return failure(Code::upstream_rejected, "service.permission", "The service does not allow this",
                     "Give the credentials the permission they lack.");
    case Means::missing:
      return failure(Code::upstream_rejected, "service.missing", "The service does not know what the connection or the export names",
                     "Check ids and names.");
    case Means::rate_limited: {
      Error error = failure(Code::rate_limited, "service.rate_limited", "The service takes no more calls for now", "");
      error.retry_after = wait_of(answer, now);
      return error;
    }
    case Means::transient: {
      Error error = failure(Code::upstream_unavailable, "service.unavailable", "The service is not available", "");
      error.retry_after = wait_of(answer, now);
      return error;
    }
    case Means::rows:
    case Means::refused:
    case Means::partial:
      break;
  }
  return failure(Code::upstream_rejected, "service.refused", "The service refused the call", "");
}

void find_rejected(const manifest::Rejected& rule, const Value& body, std::span<const RowRef> rows, std::span<const RowColumn> columns,
                   const Mask& mask, Rejections& out) {
  std::unordered_set<std::size_t> known;
  for (const RejectedRow& one : out.rows) known.insert(one.row);
  Finder finder(rows, column_of(columns, rule.attribute));
  visit_items(body, rule.each, [&](const Item& item) {
    if (!rule.when_pointer.empty() && !holds(*item.value, rule.when_pointer, rule.when_equals)) return;
    std::string reason = cut(said(rule.reason.empty() ? "" : item.text(rule.reason), mask), kMostCode);
    if (reason.empty()) reason = "service.rejected";
    const std::string detail = said(rule.detail.empty() ? "" : item.text(rule.detail), mask);
    const auto found = finder.find(item, rule.row, rule.by);
    if (found.empty()) {
      ++out.unmatched;
      if (out.example.empty()) out.example = detail.empty() ? reason : detail;
    }
    for (const std::size_t row : found) {
      if (known.insert(row).second) out.rows.push_back({row, reason, detail});
    }
  });
}

std::vector<std::string> find_ids(const manifest::Ids& rule, const Value& body, std::span<const RowRef> rows,
                                  std::span<const RowColumn> columns) {
  std::vector<std::string> out(rows.size());
  Finder finder(rows, column_of(columns, rule.attribute));
  visit_items(body, rule.each, [&](const Item& item) {
    const std::string id = item.text(rule.id);
    if (id.empty()) return;
    for (const std::size_t row : finder.find(item, rule.row, rule.by)) {
      if (out[row].empty()) out[row] = id;
    }
  });
  return out;
}

}  // namespace sluice::drivers::http_json
