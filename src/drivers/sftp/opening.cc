#include "drivers/sftp/opening.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/text.h"
#include "drivers/paths.h"
#include "drivers/sftp/auth.h"
#include "drivers/sftp/failure.h"

namespace sluice::drivers::sftp {

using base::Deadline;
using base::Error;
using base::Result;

namespace {

// "SHA256:" and 43 characters, however it was pasted.
std::string normal_fingerprint(std::string_view text) {
  text = base::trim(text);
  if (text.starts_with("SHA256:")) text.remove_prefix(7);
  while (text.ends_with('=')) text.remove_suffix(1);
  return text.empty() ? std::string() : "SHA256:" + std::string(text);
}

std::string without_final_slashes(std::string_view folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
  return std::string(folder);
}

std::string peer_address(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  std::array<char, NI_MAXHOST> text{};
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 ||
      getnameinfo(reinterpret_cast<sockaddr*>(&peer), size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return "The server";
  }
  return text.data();
}

}  // namespace

Opening::Opening(const Context& context, const Target& target)
    : context_(context),
      target_(target),
      host_(target.text("host")),
      username_(target.text("username")),
      folder_(without_final_slashes(target.text("folder"))),
      pinned_(normal_fingerprint(target.text("host_key"))) {
  if (const std::int64_t* port = target.settings.get("port").as_int()) port_ = *port;
}

Opening::~Opening() {
  if (fd_ >= 0) close(fd_);
  client_.reset();  // its channel belongs to the wire
}

std::string Opening::place() const {
  const std::string host = scrub(host_);
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port_);
}

Result<std::string> Opening::resolve(Deadline deadline) {
  ASSIGN_OR_RETURN(resolved_, net::resolve(host_, deadline, context_.stop));
  std::string detail;
  for (const std::string& address : resolved_.addresses) detail += (detail.empty() ? "" : ", ") + address;
  return detail;
}

Result<std::string> Opening::connect(Deadline deadline) {
  if (port_ < 1 || port_ > 65535) {
    return Error{.code = base::Code::invalid,
                 .reason = "net.unreachable",
                 .detail = "Port " + std::to_string(port_) + " cannot be reached. Enter a port between 1 and 65535."};
  }
  static const net::Guard public_only;
  const net::Guard& guard = context_.guard != nullptr ? *context_.guard : public_only;
  ASSIGN_OR_RETURN(fd_, net::dial(guard, host_, static_cast<std::uint16_t>(port_), resolved_, deadline, context_.stop));
  return peer_address(fd_) + " accepted the connection.";
}

Result<std::string> Opening::check_host_key(Deadline deadline) {
  wire_ = std::make_unique<Wire>(context_.patience, context_.stop);
  ASSIGN_OR_RETURN(host_key_, wire_->shake_hands(std::exchange(fd_, -1), username_, "", deadline));
  const std::string shown = host_key_->fingerprint + " (" + host_key_->type + ")";
  if (pinned_.empty()) {
    wire_.reset();
    return Error{.code = base::Code::upstream_rejected,
                 .reason = "sftp.host_key_unknown",
                 .detail = "The host key is not pinned yet. The server showed " + shown + ".",
                 .internal = "checking the host key: none is pinned"};
  }
  if (host_key_->fingerprint != pinned_) {
    // A server has a key of each kind, and the pinned one may be another than the one that is negotiated first.
    wire_.reset();  // some servers take one connection at a time
    auto other = find_pinned_key(deadline);
    if (!other.ok()) {
      if (other.error().code == base::Code::cancelled) return std::move(other).error();
      return Error{.code = base::Code::upstream_rejected,
                   .reason = "sftp.host_key_changed",
                   .detail = "The host key has changed: " + pinned_ + " is pinned, but the server showed " + shown +
                             ". Nothing was sent. Compare the new fingerprint with the server's administrator, then pin it.",
                   .internal = "checking the host key: it differs"};
    }
    wire_ = *std::move(other);
  }
  return pinned_ + " is the pinned key.";
}

Result<std::unique_ptr<Wire>> Opening::find_pinned_key(Deadline deadline) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kKinds = {
      {{"ssh-ed25519", "ssh-ed25519"},
       {"ecdsa-", "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521"},
       {"ssh-rsa", "rsa-sha2-512,rsa-sha2-256"}}};
  for (const auto& [type, kind] : kKinds) {
    if (host_key_->type.starts_with(type)) continue;  // that one is known to differ
    auto dialled = connect(deadline);
    if (!dialled.ok()) return std::move(dialled).error();
    auto wire = std::make_unique<Wire>(context_.patience, context_.stop);
    const auto key = wire->shake_hands(std::exchange(fd_, -1), username_, kind, deadline);
    if (key.ok() && key->fingerprint == pinned_) return wire;
    if (!key.ok() && key.error().code == base::Code::cancelled) return key.error();
  }
  return Error{.code = base::Code::not_found, .reason = "sftp.host_key_changed", .detail = ""};
}

Result<std::string> Opening::sign_in(Deadline deadline) {
  const std::string_view way = target_.text("authentication");
  const bool by_key = way == "private_key" || way == "private_key_and_password";
  Credentials credentials;
  // With a key, a password is used when the server asks for one after it has accepted the key.
  credentials.password = target_.secret("password");
  if (by_key) {
    const base::Secret* text = target_.secret("private_key");
    if (text == nullptr) return Error{.code = base::Code::invalid, .reason = "sftp.bad_key", .detail = "No private key is set."};
    ASSIGN_OR_RETURN(credentials.key, parse_private_key(*text, target_.secret("passphrase")));
  }
  if (way != "private_key" && credentials.password == nullptr) {
    return Error{.code = base::Code::invalid, .reason = "sftp.refused_credentials", .detail = "No password is set."};
  }
  wire_->set_deadline(deadline);
  return sftp::sign_in(*wire_, username_, credentials);
}

Result<std::string> Opening::open_folder(Deadline deadline) {
  wire_->set_deadline(deadline);
  client_ = std::make_unique<Client>(*wire_);
  RETURN_IF_ERROR(client_->start());
  if (folder_.empty()) return std::string("Files go to the folder where the user lands.");
  ASSIGN_OR_RETURN(const auto found, client_->stat(folder_));
  const bool* create = target_.settings.get("create_folder").as_bool();
  if (found.ok()) {
    if (!found.value->mode || found.value->is_folder()) return std::string("The folder is there.");
    return Error{.code = base::Code::upstream_rejected,
                 .reason = "sftp.folder_missing",
                 .detail = quoted(folder_) + " on the server is not a folder."};
  }
  const Status status = found.refusal.status;
  // Some servers let a user write into a folder and forbid to look at it; the first write tells.
  if (status == Status::permission_denied || status == Status::unsupported)
    return std::string("The server does not say whether the folder is there.");
  if (create == nullptr || !*create) {
    return Error{.code = base::Code::upstream_rejected,
                 .reason = "sftp.folder_missing",
                 .detail = "The folder " + quoted(folder_) + " does not exist on the server.",
                 .internal = "stat: status " + std::to_string(static_cast<std::uint32_t>(status))};
  }
  RETURN_IF_ERROR(make_folders(*client_, folder_));
  return std::string("The folder was made.");
}

std::unique_ptr<FileSession> Opening::take(std::optional<Deadline> limit) {
  constexpr auto kNever = std::chrono::hours(24 * 365);
  return make_session(std::move(wire_), std::move(client_), folder_, context_.patience, limit ? *limit : Deadline::after(kNever));
}

Result<void> make_folders(Client& client, const std::string& path) {
  ASSIGN_OR_RETURN(Refusal made, client.make_folder(path));
  const auto slash = path.find_last_of('/');
  if ((made.status == Status::no_such_file || made.status == Status::no_such_path) && slash != std::string::npos && slash > 0) {
    RETURN_IF_ERROR(make_folders(client, path.substr(0, slash)));
    ASSIGN_OR_RETURN(made, client.make_folder(path));
  }
  if (made.status == Status::ok) return {};
  // Version 3 has no clear code for "exists", and somebody else may have made it a moment ago.
  ASSIGN_OR_RETURN(const auto found, client.stat(path));
  if (found.ok() && (!found.value->mode || found.value->is_folder())) return {};
  return refused(made, "make the folder " + quoted(path));
}

base::Result<std::unique_ptr<FileSession>> open_files(const Context& context, const Target& target) {
  Opening opening(context, target);
  const Deadline deadline = context.deadline;
  auto done = opening.resolve(deadline);
  if (done.ok()) done = opening.connect(deadline);
  if (done.ok()) done = opening.check_host_key(deadline);
  if (done.ok()) done = opening.sign_in(deadline);
  if (done.ok()) done = opening.open_folder(deadline);
  if (!done.ok()) return std::move(done).error().at("opening " + opening.place());
  return opening.take(std::nullopt);
}

}  // namespace sluice::drivers::sftp
