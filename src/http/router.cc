#include "http/router.h"

#include "base/assert.h"
#include "base/text.h"
#include "http/rows.h"

namespace sluice::http {

namespace {

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

// What looking up a path needs on its way down the tree.
struct Search {
  std::vector<std::string> segments;
  std::vector<std::string> values;
  std::size_t method = 0;
  std::array<bool, kMethods> known{};

  const Router::Row* descend(const Node& node, std::size_t depth) {
    if (depth == segments.size()) {
      for (std::size_t i = 0; i < kMethods; ++i) known[i] = known[i] || node.rows[i] != nullptr;
      return node.rows[method];
    }
    const auto literal = node.literals.find(segments[depth]);
    if (literal != node.literals.end()) {
      if (const Router::Row* row = descend(literal->second, depth + 1)) return row;
    }
    if (node.parameter == nullptr || segments[depth].empty()) return nullptr;
    values.push_back(segments[depth]);
    if (const Router::Row* row = descend(*node.parameter, depth + 1)) return row;
    values.pop_back();
    return nullptr;
  }

  std::string allowed() const {
    std::string list;
    const auto add = [&list](std::string_view name) { list += (list.empty() ? "" : ", ") + std::string(name); };
    for (std::size_t i = 0; i < kMethods; ++i) {
      if (!known[i]) continue;
      add(name_of(static_cast<Method>(i)));
      if (static_cast<Method>(i) == Method::get) add("HEAD");
    }
    return list;
  }
};

// False when the path is not well-formed.
bool split_path(std::string_view path, std::vector<std::string>& segments) {
  if (!path.starts_with('/')) return false;
  for (const std::string_view part : base::split(path.substr(1), '/')) {
    if (part.find('%') == std::string_view::npos) {
      segments.emplace_back(part);
      continue;
    }
    auto decoded = base::percent_decode(part, false);
    if (!decoded) return false;
    segments.push_back(std::move(*decoded));
  }
  return true;
}

bool is_api(const std::vector<std::string>& segments) { return !segments.empty() && segments.front() == "api"; }

}  // namespace

Router::Router(Gate gate) : state_(std::make_unique<State>()) { state_->gate = std::move(gate); }
Router::~Router() = default;

void Router::add_row(RouteInfo info, Handler handler) {
  auto row = std::make_unique<Row>(Row{.info = info, .handler = std::move(handler), .names = {}});
  BASE_ASSERT(info.pattern.starts_with('/'));
  Node* node = &state_->root;
  for (const std::string_view segment : base::split(info.pattern.substr(1), '/')) {
    if (is_parameter(segment)) {
      row->names.emplace_back(segment.substr(1, segment.size() - 2));
      if (node->parameter == nullptr) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
    } else {
      node = &node->literals[std::string(segment)];
    }
  }
  const Row*& place = node->rows[static_cast<std::size_t>(info.method)];
  BASE_ASSERT(place == nullptr);  // two rows for the same requests
  place = row.get();
  state_->rows.push_back(std::move(row));
}

void Router::set_fallback(Handler handler) {
  state_->fallback = std::make_unique<Row>(
      Row{.info = {.method = Method::get, .pattern = "/*", .permission = base::Permission::anyone, .summary = "The web app", .options = {}},
          .handler = std::move(handler),
          .names = {},
          .is_fallback = true});
}

const Router::Row* Router::find(Method method, std::string_view path, std::vector<Header>& path_values, std::string& allowed) const {
  Search search;
  search.method = static_cast<std::size_t>(method);
  if (!split_path(path, search.segments)) return nullptr;
  if (const Row* row = search.descend(state_->root, 0)) {
    for (std::size_t i = 0; i < row->names.size(); ++i) path_values.emplace_back(row->names[i], std::move(search.values[i]));
    return row;
  }
  allowed = search.allowed();
  if (!allowed.empty() || is_api(search.segments) || state_->fallback == nullptr) return nullptr;
  if (method == Method::get) return state_->fallback.get();
  allowed = "GET, HEAD";
  return nullptr;
}

std::string Router::allowed(std::string_view path) const {
  // Every method is asked, so that a row for the asked one does not hide the others.
  Search search;
  if (!split_path(path, search.segments)) return {};
  for (search.method = 0; search.method < kMethods; ++search.method) {
    search.values.clear();
    search.descend(state_->root, 0);
  }
  std::string methods = search.allowed();
  if (methods.empty() && !is_api(search.segments) && state_->fallback != nullptr) methods = "GET, HEAD";
  return methods;
}

const RouteInfo& Router::info(const Row& row) const { return row.info; }

std::vector<RouteInfo> Router::routes() const {
  std::vector<RouteInfo> infos;
  infos.reserve(state_->rows.size());
  for (const auto& row : state_->rows) infos.push_back(row->info);
  return infos;
}

}  // namespace sluice::http
