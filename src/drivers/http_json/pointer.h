// Places in an answer: JSON pointers (RFC 6901) in which `*` stands for each item of a list or member of an object.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace sluice::drivers::http_json {

// Each value that the pointer leads to, until `visit` says false.
void visit_all(const base::json::Value& root, std::string_view pointer, const std::function<bool(const base::json::Value&)>& visit);
// The first of them; null when there is none.
const base::json::Value* find_at(const base::json::Value& root, std::string_view pointer);
// It as text; empty when there is none, and for lists and objects.
std::string text_at(const base::json::Value& root, std::string_view pointer);
// Whether one of them is one of `wanted`, where a text may end in `*`; with no `wanted` whether there is anything but null.
bool holds(const base::json::Value& root, std::string_view pointer, const std::vector<std::string>& wanted);

}  // namespace sluice::drivers::http_json
