#include "server/config.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
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
    Setting{"environment_name", "SLUICE_ENVIRONMENT_NAME", "--environment-name", "what the environment is called in the header",
            &Config::environment_name},
    Setting{"log", "SLUICE_LOG", "--log", "text or json; text on a terminal, json elsewhere", &Config::log},
    Setting{"workers", "SLUICE_WORKERS", "--workers", "runs at the same time", &Config::workers},
    Setting{"source_folders", "SLUICE_SOURCE_FOLDERS", "--source-folders",
            "folders, separated by ':', below which tables may be read again by the refresh; <data>/sources by default",
            &Config::source_folders},
    Setting{"retry_delays", "SLUICE_RETRY_DELAYS", "--retry-delays",
            "waits before a run that failed for a passing reason is tried again, or none", &Config::retry_delays},
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
    config.*(known->member) = member.as_int() != nullptr ? std::to_string(*member.as_int()) : std::string(member.text());
  }
  return {};
}

Result<void> check(const Config& config) {
  RETURN_IF_ERROR(parse_listen(config.listen));
  if (!config.log.empty() && config.log != "text" && config.log != "json")
    return Error{.code = base::Code::invalid, .reason = "config.bad_value", .detail = "log must be text or json, not " + config.log + "."};
  const auto workers = base::parse_int(config.workers);
  if (!workers || *workers < 0 || *workers > 256)
    return Error{.code = base::Code::invalid, .reason = "config.bad_value", .detail = "workers must be a number from 0 to 256."};
  RETURN_IF_ERROR(runs::outcome::parse_retry_delays(config.retry_delays));
  if (!config.store.empty() && !config.store.starts_with("postgresql://") && !config.store.starts_with("postgres://")) {
    return Error{.code = base::Code::invalid,
                 .reason = "config.bad_value",
                 .detail = "store must be a postgresql:// address; leave it out for SQLite in the data folder."};
  }
  return {};
}

}  // namespace

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
