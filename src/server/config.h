// Settings: defaults < sluice.yaml in the data folder < environment < flags. One table in config.cc names them all; --help,
// the reference page and the checks come from it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::server {

struct Config {
  std::string data = "./sluice-data";
  std::string listen = "127.0.0.1:8420";
  std::string store;            // empty: SQLite in the data folder
  std::string master_key_file;  // empty: <data>/master.key
  std::string public_url;       // empty: from listen
  std::string egress_allow;
  std::string ca_file;              // empty: the system's authorities alone
  std::string disabled_connectors;  // "sftp=not allowed here, folder"
  std::string connectors;           // folder with further connection types; empty: the built-in ones alone
  std::string environment_name = "Sluice";
  std::string log;  // text | json; empty: text on a terminal
  std::string workers = "8";
  std::string source_folders;  // separated by ':'; empty: <data>/sources
  std::string retry_delays = "10s,30s,2m,10m";
  std::string history_days = "90";
  std::string metrics_public = "false";
  std::string reverify_hours = "24";
  std::string diagnostics_folder;  // empty: no files
  std::string diagnostics_syslog;  // udp://host:port or the path of a socket; empty: no messages

  std::chrono::microseconds reverify_period() const;
  std::string key_file() const { return master_key_file.empty() ? data + "/master.key" : master_key_file; }
};

struct Setting {
  std::string_view name;         // in sluice.yaml
  std::string_view environment;  // SLUICE_DATA
  std::string_view flag;         // --data
  std::string_view meaning;
  std::string Config::* member;
};
std::span<const Setting> settings();

// `flags`: setting name -> value as given on the command line.
// Reasons: "config.unknown_setting", "config.bad_value"; the detail names where the value came from.
base::Result<Config> load_config(const std::map<std::string, std::string>& flags);

struct Address {
  std::string host;
  std::uint16_t port = 0;
};
base::Result<Address> parse_listen(std::string_view text);

}  // namespace sluice::server
