#include "cli/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "cli/report.h"

namespace sluice::cli {

namespace {

using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;

std::size_t append_body(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

std::string plural(const std::string& noun) { return noun == "api-key" ? "api-keys" : noun + "s"; }

// The columns of a list that a person wants to see.
std::vector<std::string> columns_of(const std::string& noun) {
  if (noun == "connection") return {"id", "display_name", "type", "health", "version"};
  if (noun == "export") return {"id", "display_name", "type", "state", "refreshed_at"};
  if (noun == "run") return {"id", "kind", "subject.display_name", "state", "counts.rows_sent", "ended_at"};
  if (noun == "table") return {"name", "rows", "key", "state", "updated_at"};
  if (noun == "segment") return {"id", "name", "display_name", "kind", "members"};
  if (noun == "user") return {"id", "email", "display_name", "effective_role"};
  return {"id", "display_name"};
}

std::string cell_of(const Value& item, const std::string& path) {
  const Value* at = &item;
  for (const std::string_view part : base::split(path, '.')) {
    const Object* object = at->as_object();
    if (object == nullptr) return "-";
    at = &object->get(part);
  }
  if (at->is_null()) return "-";
  return at->as_string() != nullptr ? *at->as_string() : base::json::write(*at);
}

void print_table(const std::string& noun, const base::json::Array& items) {
  const std::vector<std::string> columns = columns_of(noun);
  std::vector<std::vector<std::string>> rows{{}};
  for (const std::string& column : columns)
    rows[0].push_back(column.substr(column.find('.') == std::string::npos ? 0 : column.find('.') + 1));
  for (const Value& item : items) {
    rows.emplace_back();
    for (const std::string& column : columns) rows.back().push_back(cell_of(item, column));
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], base::utf8_length(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(i + 1 < row.size() ? widths[i] - base::utf8_length(row[i]) + 2 : 0, ' ');
    std::printf("%s\n", line.c_str());
  }
}

int refuse(const Answer& answer) {
  const auto problem = base::json::parse(answer.body);
  std::string detail = "the server answered " + std::to_string(answer.status);
  std::string request_id;
  base::Code code = base::Code::internal;
  if (problem.ok() && problem->as_object() != nullptr) {
    const Object& object = *problem->as_object();
    if (!object.get("detail").text().empty()) detail = object.get("detail").text();
    request_id = object.get("instance").text();
    for (int i = 0; i <= static_cast<int>(base::Code::internal); ++i) {
      if (base::name_of(static_cast<base::Code>(i)) == object.get("code").text()) code = static_cast<base::Code>(i);
    }
    std::fprintf(stderr, "sluice: %s\n", detail.c_str());
    if (const base::json::Array* errors = object.get("errors").as_array()) {
      for (const Value& error : *errors)
        std::fprintf(stderr, "  %s %s\n", cell_of(error, "pointer").c_str(), cell_of(error, "detail").c_str());
    }
    if (code == base::Code::internal) std::fprintf(stderr, "  (request %s)\n", request_id.c_str());
  } else {
    std::fprintf(stderr, "sluice: %s\n", detail.c_str());
  }
  return exit_status(code);
}

Result<std::string> read_body(const std::string& file) {
  std::stringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error{.code = base::Code::invalid, .reason = "cli.no_file", .detail = "The file " + file + " cannot be read."};
    text << in.rdbuf();
  }
  return text.str();
}

int print(const NounCommand& command, const Answer& answer) {
  if (answer.body.empty()) return 0;
  const auto value = base::json::parse(answer.body, {.bytes = std::size_t{64} << 20, .depth = 64, .values = 5'000'000});
  if (!value.ok()) {
    std::printf("%s\n", answer.body.c_str());
    return 0;
  }
  const Object* object = value->as_object();
  const base::json::Array* items = object != nullptr ? object->get("items").as_array() : nullptr;
  if (command.json || items == nullptr)
    std::fputs(base::json::write_pretty(*value).c_str(), stdout);
  else
    print_table(command.noun, *items);
  return 0;
}

// Follows a run to its end; the exit status tells whether it delivered.
int follow(const Remote& remote, const NounCommand& command, std::string run_id) {
  for (;;) {
    auto answer = call(remote, "GET", "/api/v1/runs/" + run_id, "", {});
    if (!answer.ok()) return report(answer.error());
    if (answer->status != 200) return refuse(*answer);
    const auto run = base::json::parse(answer->body, {.bytes = std::size_t{16} << 20});
    const std::string state = run.ok() ? cell_of(*run, "state") : "";
    if (state != "queued" && state != "running" && state != "retrying" && state != "needs_approval") {
      NounCommand shown = command;
      shown.noun = "run";
      print(shown, *answer);
      return state.starts_with("succeeded") || state.starts_with("completed") ? 0 : 5;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
}

}  // namespace

Result<Answer> call(const Remote& remote, const std::string& method, const std::string& path, const std::string& body,
                    const std::vector<std::string>& headers) {
  CURL* curl = curl_easy_init();
  if (curl == nullptr) return Error{.code = base::Code::internal, .reason = "cli.curl", .detail = "The HTTP client cannot be started."};
  Answer answer;
  curl_slist* list = nullptr;
  if (!body.empty()) list = curl_slist_append(list, "Content-Type: application/json");
  if (!remote.api_key.empty()) list = curl_slist_append(list, ("Authorization: Bearer " + remote.api_key).c_str());
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  const std::string url = remote.url + path;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
  if (!body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 120L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  const CURLcode done = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_slist_free_all(list);
  curl_easy_cleanup(curl);
  if (done != CURLE_OK) {
    return Error{.code = base::Code::upstream_unavailable,
                 .reason = "cli.unreachable",
                 .detail = "No server answers at " + remote.url + " (" + curl_easy_strerror(done) +
                           "). Start it with `sluice serve`, or name another one with --url."};
  }
  return answer;
}

int run(const Remote& remote, const NounCommand& command) {
  const std::string base = "/api/v1/" + plural(command.noun);
  const std::string one = base + "/" + base::percent_encode(command.id);
  std::string method = "GET";
  std::string path = base;
  std::vector<std::string> headers;
  std::string body;
  if (command.verb == "list")
    path = base + (command.query.empty() ? "" : "?" + command.query);
  else if (command.verb == "show")
    path = one;
  else if (command.verb == "create")
    method = "POST";
  else if (command.verb == "update" || command.verb == "remove") {
    // The version that is there now: the command line changes what it sees.
    auto now = call(remote, "GET", one, "", {});
    if (!now.ok()) return report(now.error());
    if (now->status != 200) return refuse(*now);
    const auto object = base::json::parse(now->body, {.bytes = std::size_t{16} << 20});
    headers.push_back("If-Match: \"" + (object.ok() ? cell_of(*object, "version") : "0") + "\"");
    method = command.verb == "update" ? "PATCH" : "DELETE";
    path = one;
  } else {
    method = command.verb == "dependants" || command.verb == "rows" ? "GET" : "POST";
    path = one + "/" + command.verb;
  }
  if (command.verb == "create" || command.verb == "update") {
    auto text = read_body(command.file.empty() ? "-" : command.file);
    if (!text.ok()) return report(text.error());
    body = *std::move(text);
  }
  auto answer = call(remote, method, path, body, headers);
  if (!answer.ok()) return report(answer.error());
  if (answer->status >= 400) return refuse(*answer);
  if (command.wait && command.noun == "export" && command.verb == "run") {
    const auto started = base::json::parse(answer->body, {.bytes = std::size_t{16} << 20});
    return follow(remote, command, started.ok() ? cell_of(*started, "id") : "");
  }
  return print(command, *answer);
}

}  // namespace sluice::cli
