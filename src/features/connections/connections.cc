#include "features/connections/connections.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "features/audit/audit.h"
#include "features/connections/rules.h"
#include "features/connections/store.h"

namespace sluice::connections {

namespace {

using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;

Error missing() { return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such connection."}; }

std::vector<db::SortColumn> sort_columns(const manifest::Registry& registry) {
  // Sorted by the title a person reads, not by the id.
  std::string type_title = "CASE c.type";
  for (const manifest::Connector& connector : registry.all()) {
    std::string quoted;
    for (const char ch : base::fold_case(connector.title)) quoted += ch == '\'' ? std::string("''") : std::string(1, ch);
    type_title += " WHEN '" + connector.id + "' THEN '" + quoted + "'";
  }
  type_title += " ELSE c.type END";
  return {{"display_name", "c.name_folded"},
          {"type", std::move(type_title)},
          {"created_at", "c.created_at"},
          {"updated_at", "c.updated_at"},
          {"sharing", "c.sharing"},
          {"health", "c.health"},
          {"verified_at", "COALESCE(c.verified_at, 0)"},
          {"dependants", "(SELECT count(*) FROM connection_dependants d WHERE d.connection_id = c.id)"}};
}

void fill(const manifest::Registry& registry, const std::vector<vault::Slot>& slots, Connection& c) {
  if (const manifest::Connector* connector = registry.find(c.type)) {
    c.type_title = connector->title;
    c.serves = {std::string(base::to_name(connector->serves))};
    for (const manifest::Field& field : connector->connection_fields) {
      if (field.secret) c.secrets.emplace(field.name, SecretState{});
    }
  } else {
    c.type_title = c.type;
  }
  for (const vault::Slot& slot : slots) c.secrets[slot.field] = SecretState{.is_set = true, .set_at = slot.set_at};
  c.can = {"update", "share", "verify", "remove"};
}

// Old and new of what changed; a secret is only named.
Object changes_of(const Connection& before, const Connection& after, const rules::SecretPlan& plan) {
  Object changes;
  if (before.display_name != after.display_name)
    changes.set("display_name", Object{{"old", before.display_name}, {"new", after.display_name}});
  for (const auto& [name, value] : after.settings) {
    if (!(before.settings.get(name) == value)) changes.set("settings." + name, Object{{"old", before.settings.get(name)}, {"new", value}});
  }
  for (const auto& [name, value] : before.settings) {
    if (after.settings.find(name) == nullptr) changes.set("settings." + name, Object{{"old", value}, {"new", Value()}});
  }
  for (const auto& [field, value] : plan.set) changes.set("secrets." + field, "changed");
  for (const std::string& field : plan.clear) changes.set("secrets." + field, "cleared");
  return changes;
}

std::set<std::string> fields_of(const std::vector<vault::Slot>& slots) {
  std::set<std::string> fields;
  for (const vault::Slot& slot : slots) fields.insert(slot.field);
  return fields;
}

}  // namespace

Connections::Connections(db::Db& db, vault::Vault& vault, const manifest::Registry& registry, const net::Guard& guard, base::Clock clock,
                         Settings settings)
    : db_(db), vault_(vault), registry_(registry), guard_(guard), clock_(std::move(clock)), settings_(std::move(settings)) {}

Result<ConnectionPage> Connections::list(const ListQuery& query) {
  const std::vector<db::SortColumn> columns = sort_columns(registry_);
  ASSIGN_OR_RETURN(const db::Page page, db::Page::parse(columns, "c.id", query.sort, query.cursor, query.limit));
  store::ListSpec spec{.serves = std::nullopt, .search = base::fold_case(base::trim(query.search)), .types_by_title = {}};
  if (query.serves) spec.serves = std::string(base::to_name(*query.serves));
  for (const manifest::Connector& connector : registry_.all()) {
    if (base::fold_case(connector.title).find(spec.search) != std::string::npos) spec.types_by_title.push_back(connector.id);
  }
  return db_.read([&](db::Read& tx) -> Result<ConnectionPage> {
    ConnectionPage out;
    ASSIGN_OR_RETURN(out.items, store::list(tx, spec, page, out.next_cursor));
    ASSIGN_OR_RETURN(out.total, store::count(tx, spec));
    std::vector<std::string> ids;
    for (const Connection& c : out.items) ids.push_back(c.id.str());
    ASSIGN_OR_RETURN(auto slots, vault_.slots_of(tx, ids));
    for (Connection& c : out.items) fill(registry_, slots[c.id.str()], c);
    return out;
  });
}

Result<Connection> Connections::load(db::Read& tx, ConnectionId id) {
  ASSIGN_OR_RETURN(auto found, store::find(tx, id));
  if (!found) return missing();
  ASSIGN_OR_RETURN(const auto slots, vault_.slots(tx, id.str()));
  fill(registry_, slots, *found);
  return std::move(*found);
}

Result<Connection> Connections::load(ConnectionId id) {
  return db_.read([&](db::Read& tx) { return load(tx, id); });
}

Result<std::map<std::string, std::int64_t>> Connections::count_by_type() {
  return db_.read([](db::Read& tx) -> Result<std::map<std::string, std::int64_t>> {
    ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT type, count(*) FROM connections GROUP BY type"));
    std::map<std::string, std::int64_t> counts;
    for (const db::Row& row : rows) counts[row.get<std::string>(0)] = row.get<std::int64_t>(1);
    return counts;
  });
}

Result<const manifest::Connector*> Connections::usable_connector(const std::string& type) const {
  const manifest::Connector* connector = registry_.find(type);
  if (connector == nullptr) {
    return Error{.code = base::Code::invalid,
                 .reason = "connection.unknown_type",
                 .detail = "There is no connection type with this id.",
                 .fields = {{"/type", "unknown", "is not a connection type"}}};
  }
  if (const auto disabled = settings_.disabled.find(type); disabled != settings_.disabled.end()) {
    return Error{.code = base::Code::conflict,
                 .reason = "connection.type_disabled",
                 .detail = connector->title + " is switched off here: " + disabled->second + "."};
  }
  return connector;
}

Result<Connection> Connections::create(const base::Actor& actor, ConnectionDraft draft, bool verify_first) {
  ASSIGN_OR_RETURN(const manifest::Connector* connector, usable_connector(draft.type));
  const base::Timestamp now = clock_();
  Connection c{.id = ConnectionId::make(now), .type = connector->id};
  ASSIGN_OR_RETURN(c.display_name, rules::check_name(draft.display_name));
  ASSIGN_OR_RETURN(c.settings, manifest::check_settings(connector->connection_fields, draft.settings, "/settings"));
  ASSIGN_OR_RETURN(rules::SecretPlan plan, rules::plan_secrets(*connector, c.settings, {}, std::move(draft.secrets)));
  RETURN_IF_ERROR(rules::check_consent(*connector, draft.consent));
  c.sharing = draft.sharing;
  c.created_by = c.updated_by = {actor.id, actor.display_name};
  c.created_at = c.updated_at = now;
  c.consent = {c.created_by, now, connector->consent.version};

  drivers::Target target{.settings = c.settings, .secrets = std::move(plan.set), .connector = connector};
  ASSIGN_OR_RETURN(c.verification, verification_for_save(*connector, target, draft.verification_token, verify_first));
  c.health = c.verification ? Health::ok : Health::not_verified;
  return db_.write([&](db::Write& tx) -> Result<Connection> {
    RETURN_IF_ERROR(store::insert(tx, c, std::string(base::to_name(connector->serves))));
    Object details{{"type", c.type}, {"sharing", base::to_name(c.sharing.with)}, {"settings", Value(c.settings)}};
    for (const auto& [field, value] : target.secrets) {
      RETURN_IF_ERROR(vault_.put(tx, c.id.str(), field, value, now));
      details.set("secrets." + field, "set");
    }
    RETURN_IF_ERROR(audit::append(tx, actor, now, "connection.created", {"connection", c.id.str(), c.display_name}, details));
    RETURN_IF_ERROR(audit::append(tx, actor, now, "consent.given", {"connection", c.id.str(), c.display_name},
                                  Object{{"statement_version", connector->consent.version}}));
    return load(tx, c.id);
  });
}

Result<Connection> Connections::update(const base::Actor& actor, ConnectionId id, std::int64_t version, ConnectionChange change,
                                       bool verify_first) {
  const base::Timestamp now = clock_();
  std::vector<vault::Slot> slots;
  std::map<std::string, base::Secret> kept;
  ASSIGN_OR_RETURN(const Connection before, db_.read([&](db::Read& tx) -> Result<Connection> {
    ASSIGN_OR_RETURN(Connection found, load(tx, id));
    ASSIGN_OR_RETURN(slots, vault_.slots(tx, id.str()));
    ASSIGN_OR_RETURN(kept, vault_.load(tx, id.str()));
    return found;
  }));
  if (before.version != version)
    return Error{.code = base::Code::stale,
                 .reason = "request.stale",
                 .detail = "Someone else saved this connection first. Reload it and try again."};
  if (change.type && change.type.value != before.type) {
    return Error{.code = base::Code::invalid,
                 .reason = "connection.type_fixed",
                 .detail = "The type of a connection cannot be changed. Make a new connection instead.",
                 .fields = {{"/type", "fixed", "cannot be changed"}}};
  }
  ASSIGN_OR_RETURN(const manifest::Connector* connector, usable_connector(before.type));
  Connection c = before;
  if (change.display_name) {
    ASSIGN_OR_RETURN(c.display_name, rules::check_name(change.display_name.value.value_or("")));
  }
  if (change.settings) {
    ASSIGN_OR_RETURN(c.settings,
                     manifest::check_settings(connector->connection_fields, change.settings.value.value_or(Object()), "/settings"));
    for (const manifest::Field& field : connector->connection_fields) {
      if (field.fixed_after_create && !(before.settings.get(field.name) == c.settings.get(field.name))) {
        return Error{.code = base::Code::invalid,
                     .reason = "connection.field_fixed",
                     .detail = field.title + " cannot be changed after the connection was made.",
                     .fields = {{"/settings/" + field.name, "fixed", "cannot be changed"}}};
      }
    }
  }
  ASSIGN_OR_RETURN(rules::SecretPlan plan, rules::plan_secrets(*connector, c.settings, fields_of(slots), std::move(change.secrets)));
  RETURN_IF_ERROR(rules::check_retarget(*connector, before.settings, c.settings, plan));
  if (change.sharing && change.sharing.value) c.sharing = *change.sharing.value;
  const bool is_touched = !(before.settings == c.settings) || !plan.set.empty() || !plan.clear.empty();
  // A new target, or a new wording, asks for consent again (CON-58, CON-89).
  const bool needs_consent =
      rules::is_retargeted(*connector, before.settings, c.settings) || before.consent.statement_version != connector->consent.version;
  if (needs_consent || change.consent) {
    RETURN_IF_ERROR(rules::check_consent(*connector, change.consent));
    c.consent = {{actor.id, actor.display_name}, now, connector->consent.version};
  }
  c.updated_at = now;
  c.updated_by = {actor.id, actor.display_name};

  drivers::Target target{.settings = c.settings, .secrets = {}, .connector = connector, .connection_id = id.str()};
  for (const std::string& field : plan.keep) target.secrets.emplace(field, std::move(kept.at(field)));
  for (const auto& [field, value] : plan.set) target.secrets.emplace(field, value.clone());
  if (is_touched || verify_first) {
    ASSIGN_OR_RETURN(c.verification, verification_for_save(*connector, target, change.verification_token, verify_first));
    c.health = c.verification ? Health::ok : Health::not_verified;
  }
  return db_.write([&](db::Write& tx) -> Result<Connection> {
    RETURN_IF_ERROR(store::update(tx, c, version));
    for (const auto& [field, value] : plan.set) RETURN_IF_ERROR(vault_.put(tx, id.str(), field, value, now));
    for (const std::string& field : plan.clear) RETURN_IF_ERROR(vault_.erase(tx, id.str(), field));
    const audit::Object object{"connection", id.str(), c.display_name};
    RETURN_IF_ERROR(audit::append(tx, actor, now, "connection.updated", object, changes_of(before, c, plan)));
    if (before.sharing.with != c.sharing.with) {
      RETURN_IF_ERROR(
          audit::append(tx, actor, now, c.sharing.with == With::contributors ? "connection.shared" : "connection.unshared", object));
    }
    if (before.health != c.health) RETURN_IF_ERROR(tell_health(tx, {.id = id, .display_name = c.display_name, .health = c.health}));
    if (needs_consent || change.consent)
      RETURN_IF_ERROR(audit::append(tx, actor, now, "consent.given", object, Object{{"statement_version", connector->consent.version}}));
    return load(tx, id);
  });
}

Result<Dependants> Connections::dependants(ConnectionId id) {
  return db_.read([&](db::Read& tx) -> Result<Dependants> {
    ASSIGN_OR_RETURN(const auto found, store::find(tx, id));
    if (!found) return missing();
    return store::dependants(tx, id);
  });
}

Result<void> Connections::remove(const base::Actor& actor, ConnectionId id, std::int64_t version) {
  const base::Timestamp now = clock_();
  // An attempt that is refused is audited too (CON-81), which needs a transaction of its own: the refused one rolls back.
  std::optional<std::string> refused_name;
  const auto removed = db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const Connection c, load(tx, id));
    ASSIGN_OR_RETURN(const Dependants dependants, store::dependants(tx, id));
    const std::size_t blocking = dependants.exports.size() + dependants.enrichments.size();
    if (blocking > 0) {
      refused_name = c.display_name;
      return Error{.code = base::Code::in_use,
                   .reason = "connection.in_use",
                   .detail = std::to_string(dependants.exports.size()) + (dependants.exports.size() == 1 ? " export" : " exports") +
                             " still use" + (blocking == 1 ? "s" : "") + " this connection. Disconnect or remove them first.",
                   .extra = R"({"dependants":)" + base::to_json(dependants) + "}"};
    }
    RETURN_IF_ERROR(vault_.erase_all(tx, id.str()));
    RETURN_IF_ERROR(store::remove(tx, id, version));
    const audit::Object object{"connection", id.str(), c.display_name};
    RETURN_IF_ERROR(audit::append(tx, actor, now, "connection.removed", object, Object{{"type", c.type}, {"settings", Value(c.settings)}}));
    return audit::append(tx, actor, now, "consent.withdrawn", object);
  });
  if (!removed.ok() && refused_name) {
    RETURN_IF_ERROR(db_.write([&](db::Write& tx) {
      return audit::append(tx, actor, now, "connection.removal_refused", {"connection", id.str(), *refused_name});
    }));
  }
  return removed;
}

Result<std::vector<UsableConnection>> Connections::usable(const base::Actor& actor, manifest::Serves serves) {
  const bool contributors_only = actor.role < base::Role::administrator;
  ASSIGN_OR_RETURN(const auto rows,
                   db_.read([&](db::Read& tx) { return store::usable(tx, std::string(base::to_name(serves)), contributors_only); }));
  std::vector<UsableConnection> usable;
  for (const Connection& c : rows) {
    const manifest::Connector* connector = registry_.find(c.type);
    if (connector == nullptr || settings_.disabled.contains(c.type)) continue;
    usable.push_back({c.id, c.display_name, c.type, connector->title});
  }
  return usable;
}

Result<UsableConnection> Connections::load_usable(db::Read& tx, const base::Actor& actor, ConnectionId id) {
  ASSIGN_OR_RETURN(const auto c, store::find(tx, id));
  const bool may = c && (actor.role >= base::Role::administrator || c->sharing.with == With::contributors);
  if (!may) return missing();
  const manifest::Connector* connector = registry_.find(c->type);
  return UsableConnection{c->id, c->display_name, c->type, connector != nullptr ? connector->title : c->type};
}

Result<Connections::Opened> Connections::open(ConnectionId id) {
  return db_.read([&](db::Read& tx) -> Result<Opened> {
    ASSIGN_OR_RETURN(auto c, store::find(tx, id));
    if (!c) return missing();
    ASSIGN_OR_RETURN(const manifest::Connector* connector, usable_connector(c->type));
    Opened opened{.target = {.settings = std::move(c->settings), .secrets = {}, .connector = connector, .connection_id = id.str()},
                  .display_name = c->display_name,
                  .connector = connector,
                  .driver = drivers::find_driver(connector->driver)};
    ASSIGN_OR_RETURN(opened.target.secrets, vault_.load(tx, id.str()));
    return opened;
  });
}

drivers::Context Connections::context(base::Deadline deadline, std::stop_token stop) const {
  return {.deadline = deadline, .stop = std::move(stop), .guard = &guard_, .data_folder = settings_.data_folder, .trust = settings_.trust};
}

Result<void> Connections::record_health(ConnectionId id, Health health) {
  return db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const auto changed, store::set_health(tx, id, health));
    if (!changed) return {};
    return tell_health(tx, {.id = id, .display_name = *changed, .health = health});
  });
}

void Connections::on_health(std::function<Result<void>(db::Write&, const HealthReport&)> listener) {
  health_listener_ = std::move(listener);
}

Result<void> Connections::tell_health(db::Write& tx, const HealthReport& report) {
  return health_listener_ ? health_listener_(tx, report) : Result<void>();
}

}  // namespace sluice::connections
