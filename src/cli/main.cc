// sluice: the one binary. `serve` runs everything; `user`, `api-key`, `import`, `doctor` and `verify-log` work on the data
// folder; `connection`, `export`, `run`, `table` and `segment` talk to a server over REST.
#include <signal.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/text.h"
#include "cli/client.h"
#include "cli/report.h"
#include "server/app.h"
#include "server/config.h"
#include "server/demo.h"
#include "server/doctor.h"
#include "server/verify_log.h"

namespace {

using namespace sluice;

using Flags = std::map<std::string, std::string>;

void add_settings(CLI::App& command, const std::shared_ptr<Flags>& flags) {
  for (const server::Setting& setting : server::settings()) {
    command.add_option_function<std::string>(
        std::string(setting.flag), [flags, name = std::string(setting.name)](const std::string& value) { (*flags)[name] = value; },
        std::string(setting.meaning) + " (" + std::string(setting.environment) + ")");
  }
}

base::Result<server::Config> configure(const Flags& flags) {
  ASSIGN_OR_RETURN(server::Config config, server::load_config(flags));
  const bool json = config.log.empty() ? isatty(STDERR_FILENO) == 0 : config.log == "json";
  base::log::configure(json ? base::log::Format::json : base::log::Format::text, base::log::Level::info);
  return config;
}

int serve(const Flags& flags, bool demo) {
  // Blocked before any thread starts, so that only sigwait() below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  auto config = configure(flags);
  if (!config.ok()) return cli::report(config.error());
  auto app = server::App::open(*config);
  if (!app.ok()) return cli::report(app.error());
  std::optional<server::DemoAccount> account;
  if (demo) {
    auto added = server::add_sample_data(**app);
    if (!added.ok()) return cli::report(added.error());
    account = *std::move(added);
  }
  if (const auto started = (*app)->serve(); !started.ok()) return cli::report(started.error());
  std::printf("sluice: serving on %s\n", (*app)->url().c_str());
  if (account) {
    std::printf("sluice: sign in as %s with the password %s (shown once)\n", account->email.c_str(), account->password.c_str());
    if (const auto ran = server::run_sample_export(**app); !ran.ok()) cli::report(ran.error());
  }
  std::fflush(stdout);
  if (const auto has = (*app)->people().has_administrator(); has.ok() && !*has) {
    base::log::warn("serve.no_administrator",
                    {{"advice", "run: sluice user add --email you@example.com --role administrator --password-stdin"}});
  }
  int received = 0;
  sigwait(&signals, &received);
  base::log::info("serve.stopping", {{"signal", received}});
  (*app)->stop();
  return 0;
}

base::Result<std::string> read_password() {
  std::string password;
  std::getline(std::cin, password);
  if (!password.empty() && password.back() == '\r') password.pop_back();
  if (password.size() < 12)
    return base::Error{.code = base::Code::invalid,
                       .reason = "user.password_short",
                       .detail = "The password must have at least 12 characters; it is read from standard input."};
  return password;
}

int add_user(const Flags& flags, const std::string& email, const std::string& name, const std::string& role) {
  auto config = configure(flags);
  if (!config.ok()) return cli::report(config.error());
  auto password = read_password();
  if (!password.ok()) return cli::report(password.error());
  auto app = server::App::open(*config);
  if (!app.ok()) return cli::report(app.error());
  auth::UserDraft draft{
      .email = email, .display_name = name, .role = base::from_name<base::Role>(role), .password = base::Secret(*password)};
  base::wipe_memory(password->data(), password->size());
  const auto user = (*app)->people().create_user(base::Actor::system(), draft);
  if (!user.ok()) return cli::report(user.error());
  std::printf("Added %s (%s) as %s.\n", user->display_name.c_str(), user->email.c_str(), role.c_str());
  return 0;
}

int add_api_key(const Flags& flags, const std::string& name, const std::string& role) {
  auto config = configure(flags);
  if (!config.ok()) return cli::report(config.error());
  auto app = server::App::open(*config);
  if (!app.ok()) return cli::report(app.error());
  const auto made = (*app)->people().create_api_key(
      base::Actor::system(),
      {.display_name = name, .role = base::from_name<base::Role>(role).value_or(base::Role::viewer), .expires_at = {}});
  if (!made.ok()) return cli::report(made.error());
  std::printf("%s\n", made->token.c_str());
  return 0;
}

int import_table(const Flags& flags, const std::string& name, const std::string& key, const std::string& path) {
  auto config = configure(flags);
  if (!config.ok()) return cli::report(config.error());
  auto app = server::App::open(*config);
  if (!app.ok()) return cli::report(app.error());
  base::Actor actor = base::Actor::system();
  actor.display_name = "command line";
  std::error_code ignored;
  const auto run = (*app)->tables().import_here(actor, name, key, std::filesystem::absolute(path, ignored).string());
  if (!run.ok()) return cli::report(run.error());
  if (run->error) {
    std::fprintf(stderr, "sluice: %s\n", run->error->detail.c_str());
    return 1;
  }
  std::printf("Imported %lld rows into %s in %lld ms.\n", static_cast<long long>(run->counts.rows_sent), name.c_str(),
              static_cast<long long>(run->duration_ms.value_or(0)));
  return 0;
}

int doctor(const Flags& flags) {
  auto config = configure(flags);
  if (!config.ok()) return cli::report(config.error());
  int worst = 0;
  for (const server::Diagnosis& one : server::diagnose(*config)) {
    const char* mark = one.finding == server::Finding::good ? "ok     " : one.finding == server::Finding::warning ? "warning" : "FAULT  ";
    std::printf("%s  %s: %s\n", mark, one.what.c_str(), one.detail.c_str());
    if (one.finding == server::Finding::fault) worst = 1;
  }
  return worst;
}

int verify_log(const Flags& flags, const std::string& noted) {
  auto config = configure(flags);
  if (!config.ok()) return cli::report(config.error());
  const auto report = server::verify_log(*config, noted);
  if (!report.ok()) return cli::report(report.error());
  std::printf("%lld entries are whole, the last is %lld:%s\n", static_cast<long long>(report->audit.entries),
              static_cast<long long>(report->audit.head.seq), report->audit.head.hash.c_str());
  std::fflush(stdout);
  if (report->audit.fault) return cli::report({.code = base::Code::conflict, .reason = "audit.broken", .detail = *report->audit.fault});
  if (report->ledgers.ledgers > 0)
    std::printf("%lld ledgers with %lld records are whole\n", static_cast<long long>(report->ledgers.ledgers),
                static_cast<long long>(report->ledgers.records));
  std::fflush(stdout);
  if (report->ledgers.fault)
    return cli::report({.code = base::Code::conflict, .reason = "ledger.broken", .detail = *report->ledgers.fault});
  return 0;
}

// `sluice connection list` and its like.
void add_nouns(CLI::App& app, cli::NounCommand& command, std::shared_ptr<cli::Remote> remote) {
  const std::map<std::string, std::vector<std::string>> kVerbs = {
      {"connection", {"list", "show", "create", "update", "verify", "dependants", "remove"}},
      {"export", {"list", "show", "create", "update", "run", "disconnect", "remove"}},
      {"run", {"list", "show", "cancel"}},
      {"table", {"list", "show", "rows", "remove"}},
      {"segment", {"list", "show", "create", "update", "refresh", "rows", "remove"}}};
  for (const auto& [noun, verbs] : kVerbs) {
    CLI::App* group = app.add_subcommand(noun, "over REST: " + noun + "s of a server");
    group->require_subcommand(1);
    for (const std::string& verb : verbs) {
      CLI::App* leaf = group->add_subcommand(verb, verb);
      leaf->add_option("--url", remote->url, "address of the server (SLUICE_URL)");
      leaf->add_flag("--json", command.json, "JSON instead of a table");
      if (verb == "create" || verb == "update") leaf->add_option("--file", command.file, "JSON file; - is standard input");
      if (verb == "list")
        leaf->add_option("--query", command.query, "q=…&sort=…&limit=…");
      else if (verb != "create")
        leaf->add_option("id", command.id, noun == "table" ? "name" : "id")->required();
      if (noun == "export" && verb == "run") leaf->add_flag("--wait", command.wait, "wait for the end; exit 0 when it delivered");
      leaf->callback([&command, n = noun, v = verb] {
        command.noun = n;
        command.verb = v;
      });
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Sluice: governed connections, exports and enrichments");
  app.set_version_flag("--version", std::string(server::kVersion));
  app.require_subcommand(1);
  const auto flags = std::make_shared<Flags>();
  const auto remote = std::make_shared<cli::Remote>(cli::Remote{"http://127.0.0.1:8420", {}});
  // Not envname(): every verb has its own --url into this one place, and the environment would win over a flag.
  if (const char* url = std::getenv("SLUICE_URL")) remote->url = url;
  if (const char* key = std::getenv("SLUICE_API_KEY")) remote->api_key = key;
  cli::NounCommand command;
  int status = 0;

  bool demo = false;
  CLI::App* serve_command = app.add_subcommand("serve", "API, web app and workers in one process");
  add_settings(*serve_command, flags);
  serve_command->add_flag("--demo", demo, "fill a new data folder with sample data");
  serve_command->callback([&] { status = serve(*flags, demo); });

  std::string email, name, role = "viewer", key, path, table;
  CLI::App* user_command = app.add_subcommand("user", "people of the data folder");
  user_command->require_subcommand(1);
  CLI::App* user_add = user_command->add_subcommand("add", "add a user, before or while serving");
  add_settings(*user_add, flags);
  user_add->add_option("--email", email)->required();
  user_add->add_option("--name", name, "display name");
  user_add->add_option("--role", role, "administrator, contributor or viewer")
      ->required()
      ->check(CLI::IsMember({"administrator", "contributor", "viewer"}));
  bool password_stdin = false;
  user_add->add_flag("--password-stdin", password_stdin, "read the password from standard input")->required();
  user_add->callback([&] { status = add_user(*flags, email, name, role); });

  CLI::App* key_command = app.add_subcommand("api-key", "keys for programs");
  key_command->require_subcommand(1);
  CLI::App* key_add = key_command->add_subcommand("add", "make a key and print it; it is told once");
  add_settings(*key_add, flags);
  key_add->add_option("--name", name, "what the key is for")->required();
  key_add->add_option("--role", role)->check(CLI::IsMember({"administrator", "contributor", "viewer"}));
  key_add->callback([&] { status = add_api_key(*flags, name, role); });

  CLI::App* import_command = app.add_subcommand("import", "import a table from a CSV file or a model.json folder");
  add_settings(*import_command, flags);
  import_command->add_option("path", path, "CSV file, or folder with model.json")->required();
  import_command->add_option("--table", table, "name of the table (of the entity, for model.json)")->required();
  import_command->add_option("--key", key, "column that identifies a row")->required();
  import_command->callback([&] { status = import_table(*flags, table, key, path); });

  CLI::App* doctor_command = app.add_subcommand("doctor", "what is wrong with this installation");
  add_settings(*doctor_command, flags);
  doctor_command->callback([&] { status = doctor(*flags); });

  std::string noted;
  CLI::App* verify_command = app.add_subcommand("verify-log", "whether the audit log was tampered with");
  add_settings(*verify_command, flags);
  verify_command->add_option("--noted", noted, "NUMBER:HASH that an earlier verify-log printed and that must still be in the log");
  verify_command->callback([&] { status = verify_log(*flags, noted); });

  add_nouns(app, command, remote);
  CLI11_PARSE(app, argc, argv);
  if (!command.noun.empty()) status = cli::run(*remote, command);
  return status;
}
