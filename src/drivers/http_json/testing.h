// For tests of this driver: a service played by a server in the test, a manifest for it, a session, and what it said about each row.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "drivers/http_json/http_json.h"
#include "support/http_server.h"

namespace sluice::drivers::http_json {

using test::HttpReply;
using test::HttpSeen;

// A type with the fields server (url), key (secret), name (string) and list_id (export), the attributes email, first_name, phone,
// age, and this `http` part, which is indented by two.
std::shared_ptr<const manifest::Connector> connector_of(const std::string& http);

struct Told {
  RowState state = RowState::unknown;
  std::string reason, detail;
};

class Rig {
 public:
  Rig(const std::string& http, test::HttpServer::Answer answer);

  std::unique_ptr<RowSession> open();
  base::Error open_error();
  // Rows email "<prefix><from>@example.com" and so on.
  std::shared_ptr<const RowBlock> rows(int from, int to, const std::string& prefix = "p") const;
  std::shared_ptr<const RowBlock> row(const std::string& email, const std::string& first_name, const std::string& phone = "",
                                      const std::string& age = "") const;
  // Opens, sends the rows in blocks, flushes. The error, if any.
  base::Result<void> send(int rows, int block = 100);

  std::size_t count(RowState state) const;
  const Told& told(const std::string& email) const;

  test::HttpServer server;
  std::shared_ptr<const manifest::Connector> connector;
  Target target;
  RowsPlan plan;
  Context context;
  net::Guard guard;
  net::Trust trust;
  std::stop_source stop;

  std::map<std::string, Told> answers;  // by email
  int told_twice = 0;
  std::vector<RequestRecord> records;
  std::vector<std::string> warnings;
  std::vector<bool> waits;
  std::int64_t sent_bytes = 0;

 private:
  RowEvents events();
};

// The emails in a body, in order.
std::vector<std::string> emails_in(const std::string& body);

}  // namespace sluice::drivers::http_json
