#include "server/config.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/text.h"
#include "features/diagnostics/syslog.h"
#include "features/runs/outcome.h"
#include "manifest/yaml.h"

namespace sluice::server {

namespace {

using base::Error;
using base::Result;

constexpr std::array kSettings = {
    Setting{"data", "SLUICE_DATA", "--data", "the one folder: database, key, files of folder connections", &Config::data},
    Setting{"listen", "SLUICE_LISTEN", "--listen", "address and port; port 0 picks a free one", &Config::listen},
    Setting{"store", "SLUICE_STORE", "--store", "postgresql://… instead of SQLite in the data folder", &Config::store},
    Setting{"master_key_file", "SLUICE_MASTER_KEY_FILE", "--master-key-file",
            "the key that seals secrets; <data>/master.key by default, made once", &Config::master_key_file},
    Setting{"public_url", "SLUICE_PUBLIC_URL", "--public-url", "the address people use, for links; https makes cookies secure",
            &Config::public_url},
    Setting{"egress_allow", "SLUICE_EGRESS_ALLOW", "--egress-allow", "hosts or networks that may be reached although private or loopback",
            &Config::egress_allow},
    Setting{"ca_file", "SLUICE_CA_FILE", "--ca-file", "certificate authorities (PEM) to trust besides the system's", &Config::ca_file},
    Setting{"disabled_connectors", "SLUICE_DISABLED_CONNECTORS", "--disabled-connectors",
            "connection types that are switched off: id or id=reason, separated by commas", &Config::disabled_connectors},
    Setting{"connectors", "SLUICE_CONNECTORS", "--connectors",
            "a folder with connection types of your own, each in a folder named by its id", &Config::connectors},
    Setting{"environment_name", "SLUICE_ENVIRONMENT_NAME", "--environment-name", "what the environment is called in the header",
            &Config::environment_name},
    Setting{"log", "SLUICE_LOG", "--log", "text or json; text on a terminal, json elsewhere", &Config::log},
    Setting{"workers", "SLUICE_WORKERS", "--workers", "runs at the same time", &Config::workers},
    Setting{"source_folders", "SLUICE_SOURCE_FOLDERS", "--source-folders",
            "folders, separated by ':', below which tables may be read again by the refresh; <data>/sources by default",
            &Config::source_folders},
    Setting{"retry_delays", "SLUICE_RETRY_DELAYS", "--retry-delays",
            "waits before a run that failed for a passing reason is tried again, or none", &Config::retry_delays},
    Setting{"history_days", "SLUICE_HISTORY_DAYS", "--history-days", "how long ended runs are kept; 0 is for ever", &Config::history_days},
    Setting{"metrics_public", "SLUICE_METRICS_PUBLIC", "--metrics-public",
            "true: /metrics answers everybody; otherwise administrators and API keys", &Config::metrics_public},
    Setting{"reverify_hours", "SLUICE_REVERIFY_HOURS", "--reverify-hours", "how often every connection is verified again; 0 is never",
            &Config::reverify_hours},
    Setting{"diagnostics_folder", "SLUICE_DIAGNOSTICS_FOLDER", "--diagnostics-folder",
            "where diagnostics events are written, as JSON lines in a file an hour", &Config::diagnostics_folder},
    Setting{"diagnostics_syslog", "SLUICE_DIAGNOSTICS_SYSLOG", "--diagnostics-syslog",
            "where diagnostics events are sent, as syslog: udp://host:port or the path of a socket", &Config::diagnostics_syslog},
};

Result<void> apply_file(const std::string& path, Config& config) {
  std::ifstream file(path);
  if (!file) return {};
  std::stringstream text;
  text << file.rdbuf();
  ASSIGN_OR_RETURN(const base::json::Value value, manifest::parse_yaml(path, text.str()));
  if (value.is_null()) return {};
  const base::json::Object* object = value.as_object();
  if (object == nullptr)
    return Error{
        .code = base::Code::invalid, .reason = "config.bad_value", .detail = path + " must hold settings, one per line: name: value."};
  for (const auto& [name, member] : *object) {
    const Setting* known = nullptr;
    for (const Setting& setting : kSettings) {
      if (setting.name == name) known = &setting;
    }
    if (known == nullptr || known->member == &Config::data) {
      return Error{.code = base::Code::invalid,
                   .reason = "config.unknown_setting",
                   .detail = path + ":" + std::to_string(manifest::line_of(text.str(), "/" + name)) + ": " + name + " is not a setting."};
    }
    if (const bool* flag = member.as_bool())
      config.*(known->member) = *flag ? "true" : "false";
    else
      config.*(known->member) = member.as_int() != nullptr ? std::to_string(*member.as_int()) : std::string(member.text());
  }
  return {};
}

std::optional<double> hours_of(std::string_view text) {
  double hours = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), hours, std::chars_format::fixed);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(hours) : std::nullopt;
}

Error bad_value(std::string detail) { return {.code = base::Code::invalid, .reason = "config.bad_value", .detail = std::move(detail)}; }

Result<void> check(const Config& config) {
  RETURN_IF_ERROR(parse_listen(config.listen));
  if (!config.log.empty() && config.log != "text" && config.log != "json")
    return bad_value("log must be text or json, not " + config.log + ".");
  const auto workers = base::parse_int(config.workers);
  if (!workers || *workers < 0 || *workers > 256) return bad_value("workers must be a number from 0 to 256.");
  RETURN_IF_ERROR(runs::outcome::parse_retry_delays(config.retry_delays));
  const auto history = base::parse_int(config.history_days);
  if (!history || *history < 0 || *history > 36'500) return bad_value("history_days must be a number from 0 to 36500.");
  if (config.metrics_public != "true" && config.metrics_public != "false") return bad_value("metrics_public must be true or false.");
  const auto hours = hours_of(config.reverify_hours);
  if (!hours || *hours < 0 || *hours > 8760) return bad_value("reverify_hours must be a number from 0 to 8760.");
  if (!config.diagnostics_syslog.empty()) RETURN_IF_ERROR(diagnostics::parse_syslog(config.diagnostics_syslog));
  if (!config.store.empty() && !config.store.starts_with("postgresql://") && !config.store.starts_with("postgres://")) {
    return Error{.code = base::Code::invalid,
                 .reason = "config.bad_value",
                 .detail = "store must be a postgresql:// address; leave it out for SQLite in the data folder."};
  }
  return {};
}

}  // namespace

std::chrono::microseconds Config::reverify_period() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::duration<double, std::ratio<3600>>(hours_of(reverify_hours).value_or(0)));
}

std::span<const Setting> settings() { return kSettings; }

Result<Config> load_config(const std::map<std::string, std::string>& flags) {
  Config config;
  // The data folder decides where the file is, so it comes first.
  if (const char* data = std::getenv("SLUICE_DATA")) config.data = data;
  if (const auto data = flags.find("data"); data != flags.end()) config.data = data->second;
  RETURN_IF_ERROR(apply_file(config.data + "/sluice.yaml", config));
  for (const Setting& setting : kSettings) {
    if (const char* value = std::getenv(std::string(setting.environment).c_str())) config.*(setting.member) = value;
    if (const auto value = flags.find(std::string(setting.name)); value != flags.end()) config.*(setting.member) = value->second;
  }
  RETURN_IF_ERROR(check(config));
  return config;
}

Result<Address> parse_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : base::parse_int(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535 || colon == 0) {
    return Error{.code = base::Code::invalid,
                 .reason = "config.bad_value",
                 .detail = "listen must be address:port, such as 127.0.0.1:8420, not " + std::string(text) + "."};
  }
  std::string host(text.substr(0, colon));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return Address{std::move(host), static_cast<std::uint16_t>(*port)};
}

}  // namespace sluice::server
