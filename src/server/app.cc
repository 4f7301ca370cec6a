#include "server/app.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "features/audit/audit.h"
#include "features/audit/chain.h"
#include "features/audit/http.h"
#include "features/connections/http.h"
#include "features/exports/http.h"
#include "features/notices/http.h"
#include "features/runs/http.h"
#include "features/schedules/http.h"
#include "features/tables/http.h"
#include "server/refresh.h"
#include "server/status.h"
#include "server/web.h"

namespace sluice::server {

namespace {

using base::Error;
using base::Result;

Result<void> make_folder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed)
    return Error{.code = base::Code::invalid,
                 .reason = "serve.data_folder",
                 .detail = "The folder " + path + " cannot be made: " + failed.message() + "."};
  // Only for the account that serves: it holds the database and the key.
  ::chmod(path.c_str(), 0700);
  return {};
}

std::map<std::string, std::string> parse_disabled(std::string_view text) {
  std::map<std::string, std::string> disabled;
  for (const std::string_view entry : base::split(text, ',')) {
    const std::string_view trimmed = base::trim(entry);
    if (trimmed.empty()) continue;
    const std::size_t equals = trimmed.find('=');
    disabled[std::string(trimmed.substr(0, equals))] =
        equals == std::string_view::npos ? "switched off by the operator" : std::string(trimmed.substr(equals + 1));
  }
  return disabled;
}

tables::Tables::Folders source_folders(const Config& config) {
  tables::Tables::Folders folders{config.data + "/uploads", {}};
  for (const std::string_view folder : base::split(config.source_folders, ':')) {
    if (!base::trim(folder).empty()) folders.sources.emplace_back(base::trim(folder));
  }
  if (folders.sources.empty()) folders.sources.push_back(config.data + "/sources");
  return folders;
}

}  // namespace

Result<std::unique_ptr<App>> App::open(const Config& config) {
  crypto::initialise();
  std::unique_ptr<App> app(new App());
  app->config_ = config;
  RETURN_IF_ERROR(make_folder(config.data));
  for (const char* folder : {"/uploads", "/spool", "/exports", "/sources"}) RETURN_IF_ERROR(make_folder(config.data + folder));
  RETURN_IF_ERROR(app->open_parts());
  return app;
}

Result<void> App::open_parts() {
  const bool is_sqlite = config_.store.empty();
  ASSIGN_OR_RETURN(db_, db::Db::open({.location = is_sqlite ? config_.data + "/app.db" : config_.store,
                                      .readers = is_sqlite ? std::size_t{4} : std::size_t{12}}));
  RETURN_IF_ERROR(db_->migrate(db::embedded_migrations()));
  RETURN_IF_ERROR(audit::chain::adopt_older(*db_));
  audit_log_ = std::make_unique<audit::Log>(*db_, clock_);
  ASSIGN_OR_RETURN(table_store_, db::TableStore::open(is_sqlite ? config_.data + "/tables" : config_.store));
  RETURN_IF_ERROR(open_environment());
  ASSIGN_OR_RETURN(vault_, vault::Vault::open(*db_, config_.key_file(), vault::MasterKey::make_when_new, clock_()));
  RETURN_IF_ERROR(open_registry());
  ASSIGN_OR_RETURN(guard_, net::Guard::parse(config_.egress_allow));
  ASSIGN_OR_RETURN(trust_, net::Trust::load(config_.ca_file));

  ASSIGN_OR_RETURN(const runs::outcome::RetryDelays retry, runs::outcome::parse_retry_delays(config_.retry_delays));
  runs_ = std::make_unique<runs::Runs>(
      *db_, clock_,
      runs::Settings{
          .node = "node-" + base::random_token(6), .retry = retry, .history = std::chrono::days(*base::parse_int(config_.history_days))});
  tables_ = std::make_unique<tables::Tables>(*db_, *table_store_, *runs_, clock_, source_folders(config_));
  connections_ = std::make_unique<connections::Connections>(
      *db_, *vault_, registry_, guard_, clock_,
      connections::Settings{config_.data + "/exports", parse_disabled(config_.disabled_connectors), &trust_});
  reverification_ = std::make_unique<connections::Reverification>(*db_, *connections_, clock_, config_.reverify_period());
  schedules_ = std::make_unique<schedules::Schedules>(*db_, clock_);
  runs_->on_history([this](db::Write& tx, base::Timestamp before) { return schedules_->forget_missed(tx, before); });
  exports_ = std::make_unique<exports::Exports>(*db_, *connections_, *tables_, *runs_, *schedules_, clock_,
                                                exports::Exports::Settings{environment_.id, config_.data});
  runs_->register_kind("import", tables_->import_kind());
  runs_->register_kind("export", exports_->export_kind());
  runs_->register_kind("segment", tables_->segment_kind());
  register_refresh(*runs_, *schedules_, *tables_, *exports_);
  runs_->on_job_change([this](const runs::Job& job) { publish(job); });
  runs_->on_change([this](const runs::Run& run) { publish(run); });

  connect_notices();
  const std::string store = is_sqlite ? "sqlite" : "postgresql";
  metrics_ = std::make_unique<Metrics>(*runs_, *notices_, clock_, Metrics::About{std::string(kVersion), store});
  ASSIGN_OR_RETURN(diagnostics_, diagnostics::Diagnostics::make({config_.diagnostics_folder, config_.diagnostics_syslog},
                                                                {environment_.id, environment_.display_name, config_.public_url}, clock_));
  metrics_->add_part([this](base::metrics::Writer& out) { diagnostics_->write_metrics(out); });

  sessions_ = std::make_unique<auth::Sessions>(*db_, clock_);
  people_ = std::make_unique<auth::People>(*db_, clock_);
  auth_ = std::make_unique<auth::Service>(
      auth::Service{*sessions_, *people_, environment_, std::string(kVersion), config_.public_url.starts_with("https://")});
  idempotency_ = std::make_unique<Idempotency>(*db_, clock_);
  router_ = std::make_unique<http::Router>(gate());
  system_ = std::make_unique<System>(
      System{*db_, *tables_, *connections_, *exports_, *runs_, environment_, std::string(kVersion), store, router_.get()});
  add_routes();
  return {};
}

void App::connect_notices() {
  notices_ = std::make_unique<notices::Notices>(*db_, *vault_, hub_, notices::Notices::Outside{guard_, trust_}, clock_,
                                                notices::NamedRef{environment_.id, environment_.display_name}, [this] { return url(); });
  runs_->on_end([this](db::Write& tx, const runs::Run& run) { return notices_->note_run(tx, run); });
  connections_->on_health([this](db::Write& tx, const connections::HealthReport& report) -> Result<void> {
    const std::string topic = "connection:" + report.id.str();
    const notices::Facts facts{.task = "connection", .subject = {report.id.str(), report.display_name}, .connection = {}};
    if (report.health == connections::Health::ok)
      return notices_->resolve(tx, {.topic = topic,
                                    .reason = "connection.recovered",
                                    .title = "Connection '" + report.display_name + "' works again",
                                    .detail = "It was verified, or a run used it with success.",
                                    .link = "/admin/connections/exports/" + report.id.str(),
                                    .audience = notices::Audience::administrators,
                                    .facts = facts});
    // A run that found the connection broken has a notice of its own.
    if (report.health != connections::Health::failing || !report.is_verification) return {};
    return notices_->raise(tx, {.topic = topic,
                                .severity = notices::Severity::error,
                                .reason = "connection.failing",
                                .title = "Connection '" + report.display_name + "' does not work",
                                .detail = report.detail,
                                .link = "/admin/connections/exports/" + report.id.str(),
                                .audience = notices::Audience::administrators,
                                .repeat = notices::Repeat::never,
                                .facts = facts});
  });
}

Result<void> App::open_registry() {
  ASSIGN_OR_RETURN(registry_, manifest::Registry::from_files(embedded::connectors()));
  if (config_.connectors.empty()) return {};
  const std::size_t built_in = registry_.all().size();
  registry_.add_folder(config_.connectors);
  base::log::info("connectors.loaded", {{"folder", config_.connectors}, {"types", registry_.all().size() - built_in}});
  for (const manifest::FolderFault& fault : registry_.faults())
    base::log::warn("connector.refused", {{"folder", fault.folder}, {"why", fault.detail}});
  return {};
}

Result<void> App::open_environment() {
  return db_->write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT id, display_name FROM environment"));
    environment_ = {row ? row->get<std::string>(0) : base::Id<struct EnvironmentTag>::make(clock_()).str(), config_.environment_name};
    if (!row)
      RETURN_IF_ERROR(tx.execute("INSERT INTO environment (id, display_name, created_at) VALUES (?1, ?2, ?3)", environment_.id,
                                 environment_.display_name, clock_()));
    else if (row->get<std::string>(1) != config_.environment_name)
      RETURN_IF_ERROR(tx.execute("UPDATE environment SET display_name = ?1", config_.environment_name));
    return {};
  });
}

http::Gate App::gate() {
  http::Gate gate;
  gate.identify = [this](http::Call& call) { return auth::identify(*auth_, call); };
  gate.csrf_token = [](const http::Call& call) { return call.csrf_token; };
  gate.denied = [this](const http::Call& call, base::Permission permission) {
    const auto noted = db_->write([&](db::Write& tx) {
      return audit::append(
          tx, call.actor, clock_(), "access.denied", {"route", "", call.path},
          base::json::Object{{"permission", base::to_name(permission)}, {"required_role", base::to_name(base::required_role(permission))}});
    });
    if (!noted.ok()) base::log::error("audit.not_written", {{"why", noted.error().internal}});
  };
  gate.earlier_answer = [this](const http::Call& call, std::string_view key) { return idempotency_->earlier(call, key); };
  gate.keep_answer = [this](const http::Call& call, std::string_view key, const http::Response& response) {
    idempotency_->keep(call, key, response);
  };
  gate.forget_answer = [this](const http::Call& call, std::string_view key) { idempotency_->forget(call, key); };
  gate.served = [this](const http::Served& served) {
    metrics_->note(served);
    diagnostics_->note(served);
  };
  return gate;
}

void App::add_routes() {
  audit::add_routes(*router_, *audit_log_);
  auth::add_routes(*router_, *auth_);
  connections::add_routes(*router_, *connections_);
  tables::add_routes(*router_, *tables_);
  exports::add_routes(*router_, *exports_);
  notices::add_routes(*router_, *notices_);
  runs::add_routes(*router_, *runs_);
  schedules::add_routes(*router_, *schedules_);
  server::add_routes(*router_, *system_);
  add_status_routes(*router_, *system_);
  add_metrics_route(*router_, *metrics_, config_.metrics_public == "true");
  router_->set_fallback(&serve_web);
}

void App::publish(const runs::Run& run) {
  diagnostics_->note(run);
  if (!runs::is_active(run.state)) {
    notices_->wake();
    metrics_->note(run);
  }
  if (hub_.listeners() == 0) return;
  runs::Run light = run;
  light.files.clear();
  const auto is_administrator = [](const base::Actor& actor) { return actor.may(base::Permission::connections_manage); };
  base::Actor viewer;
  const runs::Run shown = runs::Runs::shown_to(viewer, light);
  hub_.publish("run", base::to_json(light), is_administrator);
  hub_.publish("run", base::to_json(shown), [is_administrator](const base::Actor& actor) { return !is_administrator(actor); });
  if (run.kind == "import" && !runs::is_active(run.state)) {
    hub_.publish("table", base::json::write(base::json::Object{{"name", run.subject.display_name}, {"state", base::to_name(run.state)}}));
  }
}

void App::publish(const runs::Job& job) {
  diagnostics_->note(job);
  if (hub_.listeners() == 0) return;
  hub_.publish("job", base::to_json(job), [](const base::Actor&) { return true; });
}

Result<void> App::serve() {
  const std::string lock_path = config_.data + "/serve.lock";
  lock_fd_ = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0 || ::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    return Error{.code = base::Code::conflict,
                 .reason = "serve.already",
                 .detail = "Another process serves the data folder " + config_.data + " already."};
  }
  ASSIGN_OR_RETURN(const Address address, parse_listen(config_.listen));
  tables_->sweep();
  exports_->sweep_files();
  ASSIGN_OR_RETURN(server_, http::Server::start({.address = address.host, .port = address.port, .spool_folder = config_.data + "/spool"},
                                                *router_, hub_));
  const std::int64_t workers = base::parse_int(config_.workers).value_or(8);
  // With SQLite this process holds the lock, so no run of an earlier one can still be going on.
  runs_->start(static_cast<std::size_t>(workers), config_.store.empty());
  // A process without workers answers the API only.
  if (workers > 0) {
    schedules_->start();
    reverification_->start();
  }
  notices_->start();
  diagnostics_->start();
  return {};
}

std::string App::url() const {
  if (!config_.public_url.empty()) return config_.public_url;
  const auto address = parse_listen(config_.listen);
  std::string host = address.ok() ? address->host : "127.0.0.1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(server_ ? server_->port() : 0);
}

void App::stop() {
  if (schedules_) schedules_->stop();
  if (reverification_) reverification_->stop();
  if (runs_) runs_->pause_claims();
  if (server_) server_->stop(std::chrono::seconds(10));
  if (runs_) runs_->stop();
  if (notices_) notices_->stop();
  if (diagnostics_) diagnostics_->stop();
  server_.reset();
  if (lock_fd_ >= 0) ::close(std::exchange(lock_fd_, -1));
}

App::~App() { stop(); }

}  // namespace sluice::server
