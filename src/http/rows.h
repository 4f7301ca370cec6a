// Inside of the router: the rows, and the tree of path segments that finds one. Private to this folder.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/router.h"

namespace sluice::http {

constexpr std::size_t kMethods = 5;

struct Router::Row {
  RouteInfo info;
  Handler handler;
  std::vector<std::string> names;  // of the path parameters, in order
  bool is_fallback = false;
};

// Literal segments first, then the parameter; a path that leads nowhere is tried again one level up.
struct Node {
  std::map<std::string, Node, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::array<const Router::Row*, kMethods> rows{};
};

struct Router::State {
  Gate gate;
  std::vector<std::unique_ptr<Row>> rows;
  Node root;
  std::unique_ptr<Row> fallback;
};

}  // namespace sluice::http
