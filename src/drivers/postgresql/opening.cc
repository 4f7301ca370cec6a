#include "drivers/postgresql/opening.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "drivers/paths.h"

namespace sluice::drivers::postgresql {

using base::Deadline;
using base::Error;
using base::Result;

namespace {

Tls tls_of(std::string_view text) {
  if (text == "off") return Tls::off;
  return text == "require" ? Tls::require : Tls::verify_full;
}

// Those of this connection alone; else the operator's beside the system's (those have a file, which libpq reads itself).
std::string authorities_of(const Context& context, const Target& target) {
  std::string own(target.text("authority"));
  if (!own.empty() || context.trust == nullptr || context.trust->authorities.empty()) return own;
  return context.trust->authorities;
}

}  // namespace

Opening::Opening(const Context& context, const Target& target) : context_(context), schema_(target.text("schema")) {
  login_.host = target.text("host");
  login_.database = target.text("database");
  login_.username = target.text("username");
  login_.password = target.secret("password");
  login_.tls = tls_of(target.text("tls"));
  if (login_.tls == Tls::verify_full) login_.authorities = authorities_of(context, target);
  if (const std::int64_t* port = target.settings.get("port").as_int()) port_ = *port;
  if (schema_.empty()) schema_ = "public";
}

std::string Opening::place() const {
  const std::string host = scrub(login_.host);
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port_);
}

Result<std::string> Opening::resolve(Deadline deadline) {
  ASSIGN_OR_RETURN(resolved_, net::resolve(login_.host, deadline, context_.stop));
  std::string detail;
  for (const std::string& address : resolved_.addresses) detail += (detail.empty() ? "" : ", ") + address;
  return detail;
}

Result<std::string> Opening::connect(Deadline deadline) {
  if (port_ < 1 || port_ > 65535)
    return Error{.code = base::Code::invalid,
                 .reason = "net.unreachable",
                 .detail = "Port " + std::to_string(port_) + " cannot be reached. Enter a port between 1 and 65535."};
  login_.port = static_cast<std::uint16_t>(port_);
  static const net::Guard public_only;
  const net::Guard& guard = context_.guard != nullptr ? *context_.guard : public_only;
  std::vector<std::string> allowed;
  std::copy_if(resolved_.addresses.begin(), resolved_.addresses.end(), std::back_inserter(allowed),
               [&](const std::string& address) { return guard.allows(login_.host, login_.port, address); });
  if (allowed.empty()) {
    const std::string address = resolved_.addresses.empty() ? "no address" : resolved_.addresses.front();
    return Error{.code = base::Code::forbidden,
                 .reason = "net.blocked",
                 .detail = place() + " leads to " + address +
                           ", which is not a public address. An operator can allow it in the egress rules of this server.",
                 .internal = "connecting to " + address + ": not allowed by the egress rules"};
  }
  Error last;
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    // One dead address must not use up the time of the others.
    const auto share = deadline.remaining() / static_cast<long>(allowed.size() - i);
    login_.address = allowed[i];
    wire_ = std::make_unique<Wire>(context_.patience, context_.stop);
    auto connected = wire_->connect(login_, deadline.at_most(share));
    if (connected.ok()) return allowed[i] + " accepted the connection.";
    last = std::move(connected).error();
    if (last.code == base::Code::cancelled) break;
  }
  return last;
}

Result<std::string> Opening::sign_in(Deadline deadline) {
  RETURN_IF_ERROR(wire_->sign_in(deadline));
  // A lock that somebody else holds must end as a sentence, not as silence; dates are read year first.
  const auto patience = std::max<std::int64_t>(context_.patience.stall.count() * 3 / 4, 1);
  RETURN_IF_ERROR(wire_->must_run(
      "SET client_min_messages = error; SET standard_conforming_strings = on; SET datestyle = 'ISO, YMD'; SET lock_timeout = " +
          std::to_string(patience),
      "preparing the session"));
  ASSIGN_OR_RETURN(const Reply version, wire_->must_run("SHOW server_version", "asking for the version"));
  return "PostgreSQL " + scrub(version.text(0), 40) + (wire_->encrypted() ? ", encrypted." : ", not encrypted.");
}

Result<std::string> Opening::check_rights() {
  constexpr std::string_view kDoing = "reading the rights";
  const std::array<std::string, 1> parameters = {schema_};
  ASSIGN_OR_RETURN(
      const Reply found,
      wire_->must_run("SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE'), pg_catalog.has_schema_privilege(n.oid, 'CREATE'), "
                      "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY'), pg_catalog.pg_is_in_recovery() "
                      "FROM pg_catalog.pg_namespace n WHERE n.nspname = $1",
                      kDoing, parameters));
  if (found.rows.empty())
    return Error{.code = base::Code::upstream_rejected,
                 .reason = "service.missing",
                 .detail = "The database has no schema " + scrub(schema_) + ".",
                 .internal = "reading the rights: no such schema"};
  const auto may = [&](std::size_t column) { return found.text(column) == "t"; };
  std::string missing;
  if (!may(0)) missing = "USAGE on the schema " + scrub(schema_);
  if (!may(2)) missing = "TEMPORARY on the database";
  if (!missing.empty())
    return Error{.code = base::Code::upstream_rejected,
                 .reason = "service.permission",
                 .detail = "The user " + scrub(login_.username) + " lacks the right " + missing + ".",
                 .internal = "reading the rights: " + missing};
  if (may(3))
    return Error{.code = base::Code::upstream_rejected,
                 .reason = "service.refused",
                 .detail = "This server is a standby: it takes no rows. Name its primary.",
                 .internal = "reading the rights: in recovery"};
  return "May use the schema " + scrub(schema_) + (may(1) ? " and make tables in it." : ", but make no tables in it.");
}

Result<void> Opening::open() {
  const auto step = [&] { return context_.deadline.at_most(context_.patience.step); };
  RETURN_IF_ERROR(resolve(step()));
  RETURN_IF_ERROR(connect(step()));
  RETURN_IF_ERROR(sign_in(step()));
  RETURN_IF_ERROR(check_rights());
  return {};
}

}  // namespace sluice::drivers::postgresql
