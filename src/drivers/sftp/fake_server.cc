#include "drivers/sftp/fake_server.h"

#include <libssh/server.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

// libssh wants servers to use callbacks; its messages are simpler to follow, and this is a test.
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

namespace sluice::drivers::sftp {

namespace {

std::string framed(Packet type, std::uint32_t id, const Body& body) {
  Body head;
  head.u32(static_cast<std::uint32_t>(body.bytes().size() + 5));
  std::string out = head.bytes();
  out += static_cast<char>(type);
  return out + Body().u32(id).bytes() + body.bytes();
}

std::string status(std::uint32_t id, Status code, std::string_view message = "") {
  return framed(Packet::status, id, Body().u32(static_cast<std::uint32_t>(code)).text(message).text(""));
}

bool send_all(ssh_channel channel, std::string_view bytes) {
  return bytes.empty() || ssh_channel_write(channel, bytes.data(), static_cast<std::uint32_t>(bytes.size())) >= 0;
}

}  // namespace

FakeServer::FakeServer(FakeBehaviour behaviour) : behaviour_(std::move(behaviour)) {
  ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key_);
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  ssh_get_publickey_hash(key_, SSH_PUBLICKEY_HASH_SHA256, &hash, &size);
  char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
  host_key_ = text;
  ssh_string_free_char(text);
  ssh_clean_pubkey_hash(&hash);

  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof at;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&at), length) != 0 || listen(listener_, 8) != 0) return;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &length);
  port_ = ntohs(at.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

FakeServer::~FakeServer() {
  thread_.request_stop();
  if (const int client = client_; client >= 0) shutdown(client, SHUT_RDWR);
  thread_ = {};
  close(listener_);
  ssh_key_free(key_);
}

std::vector<std::string> FakeServer::passwords() const {
  const std::lock_guard lock(mutex_);
  return passwords_;
}
std::map<std::string, std::string> FakeServer::files() const {
  const std::lock_guard lock(mutex_);
  return files_;
}

void FakeServer::run(const std::stop_token& stop) {
  const ssh_bind binding = ssh_bind_new();
  const int no = 0;
  ssh_bind_options_set(binding, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
  ssh_key own = ssh_key_dup(key_);  // the binding takes it over
  ssh_bind_options_set(binding, SSH_BIND_OPTIONS_IMPORT_KEY, own);
  while (!stop.stop_requested()) {
    pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, 20) != 1) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const ssh_session session = ssh_new();
    if (ssh_bind_accept_fd(binding, session, client) == SSH_OK) {
      client_ = client;
      if (!stop.stop_requested()) serve(session);
      client_ = -1;
    }
    ssh_silent_disconnect(session);
    ssh_free(session);
  }
  ssh_bind_free(binding);
}

void FakeServer::serve(ssh_session session) {
  if (ssh_handle_key_exchange(session) != SSH_OK || !let_in(session)) return;
  const ssh_channel channel = open_channel(session);
  if (channel == nullptr) return;
  if (behaviour_.says_instead.empty())
    talk(channel);
  else
    send_all(channel, behaviour_.says_instead);
  ssh_channel_send_eof(channel);
  ssh_channel_free(channel);
}

// Sends the questions of a round.
void FakeServer::ask(ssh_message message, std::size_t round) {
  std::vector<const char*> prompts;
  std::vector<char> echo;
  for (const std::string& prompt : behaviour_.questions[round]) {
    echo.push_back(prompt.starts_with('+') ? 1 : 0);
    prompts.push_back(prompt.c_str() + (prompt.starts_with('+') ? 1 : 0));
  }
  const auto count = static_cast<unsigned>(prompts.size());
  prompts.push_back(nullptr);
  echo.push_back(0);
  ssh_message_auth_interactive_request(message, "", "", count, prompts.data(), echo.data());
}

// Whether the message carries the right password; every one is kept.
bool FakeServer::take_password(ssh_session session, ssh_message message) {
  const std::lock_guard lock(mutex_);
  if (ssh_message_subtype(message) == SSH_AUTH_METHOD_PASSWORD) {
    passwords_.emplace_back(ssh_message_auth_password(message));
  } else if (ssh_message_auth_kbdint_is_response(message) != 0) {
    for (int i = 0; i < ssh_userauth_kbdint_getnanswers(session); ++i) {
      passwords_.emplace_back(ssh_userauth_kbdint_getanswer(session, static_cast<unsigned>(i)));
    }
  } else {
    return false;
  }
  return !passwords_.empty() && passwords_.back() == behaviour_.password;
}

bool FakeServer::let_in(ssh_session session) {
  const int methods =
      (behaviour_.takes_password ? SSH_AUTH_METHOD_PASSWORD : 0) | (behaviour_.questions.empty() ? 0 : SSH_AUTH_METHOD_INTERACTIVE);
  std::size_t round = 0;
  bool good = false;
  while (!good) {
    const ssh_message message = ssh_message_get(session);
    if (message == nullptr) return false;
    const int kind = ssh_message_type(message) == SSH_REQUEST_AUTH ? ssh_message_subtype(message) : 0;
    if (kind == SSH_AUTH_METHOD_PASSWORD || kind == SSH_AUTH_METHOD_INTERACTIVE) good = take_password(session, message);
    if (kind == SSH_AUTH_METHOD_INTERACTIVE && round < behaviour_.questions.size()) {
      ask(message, round++);
      good = false;
    } else if (good) {
      ssh_message_auth_reply_success(message, 0);
    } else {
      if (kind != 0) ssh_message_auth_set_methods(message, methods);
      ssh_message_reply_default(message);
    }
    ssh_message_free(message);
  }
  return true;
}

ssh_channel FakeServer::open_channel(ssh_session session) {
  ssh_channel channel = nullptr;
  while (ssh_message message = ssh_message_get(session)) {
    bool started = false;
    if (ssh_message_type(message) == SSH_REQUEST_CHANNEL_OPEN && channel == nullptr) {
      channel = ssh_message_channel_request_open_reply_accept(message);
    } else if (ssh_message_type(message) == SSH_REQUEST_CHANNEL && ssh_message_subtype(message) == SSH_CHANNEL_REQUEST_SUBSYSTEM) {
      ssh_message_channel_request_reply_success(message);
      started = true;
    } else {
      ssh_message_reply_default(message);
    }
    ssh_message_free(message);
    if (started) return channel;
  }
  return nullptr;
}

void FakeServer::talk(ssh_channel channel) {
  std::string in;
  std::vector<char> bytes(1 << 16);
  for (;;) {
    const int count = ssh_channel_read(channel, bytes.data(), static_cast<std::uint32_t>(bytes.size()), 0);
    if (count <= 0) return;
    in.append(bytes.data(), static_cast<std::size_t>(count));
    while (in.size() >= 4) {
      const std::size_t size = Fields(in).u32();
      if (in.size() < 4 + size) break;
      const auto reply = answer(std::string_view(in).substr(4, size));
      if (reply && !send_all(channel, *reply)) return;
      in.erase(0, 4 + size);
    }
  }
}

std::optional<std::string> FakeServer::answer(std::string_view packet) {
  const auto type = static_cast<Packet>(packet[0]);
  Fields fields(packet.substr(1));
  const std::uint32_t id = fields.u32();
  const std::lock_guard lock(mutex_);
  switch (type) {
    case Packet::init: {
      Body body;
      if (behaviour_.replaces) body.text("posix-rename@openssh.com").text("1");
      return framed(Packet::version, behaviour_.version, body);
    }
    case Packet::open: {
      const std::string path(fields.text());
      files_[path].clear();
      return framed(Packet::handle, id, Body().text(path));
    }
    case Packet::write: {
      std::string reply = write(id, fields);
      if (behaviour_.never_acknowledges) return std::nullopt;
      if (!behaviour_.reverses_replies) return reply;
      if (held_.empty()) {
        held_ = std::move(reply);
        return std::nullopt;
      }
      return reply + std::exchange(held_, {});
    }
    case Packet::close:
      return std::exchange(held_, {}) + status(id, Status::ok);
    case Packet::fsetstat:
      return status(id, behaviour_.on_fsetstat);
    case Packet::rename:
      return rename(id, fields, false);
    case Packet::extended:
      return fields.text() == "posix-rename@openssh.com" ? rename(id, fields, true) : status(id, Status::unsupported);
    default:
      return answer_path_request(type, id, fields);
  }
}

std::string FakeServer::answer_path_request(Packet type, std::uint32_t id, Fields& fields) {
  const std::string path(fields.text());
  const auto found = files_.find(path);
  if (type == Packet::stat && found != files_.end()) {
    if (behaviour_.hides_size) return framed(Packet::attributes, id, Body().u32(0));
    return framed(Packet::attributes, id, Body().u32(1).u64(found->second.size() + behaviour_.size_lie));
  }
  if (type == Packet::remove && found != files_.end()) {
    files_.erase(found);
    return status(id, Status::ok);
  }
  if (type == Packet::stat || type == Packet::remove) return status(id, Status::no_such_file);
  return status(id, Status::unsupported);
}

std::string FakeServer::write(std::uint32_t id, Fields& fields) {
  const std::string handle(fields.text());
  const std::uint64_t offset = fields.u64();
  const std::string_view bytes = fields.text();
  if (behaviour_.on_write) return status(id, behaviour_.on_write->status, behaviour_.on_write->message);
  std::string& file = files_[handle];
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
  file.replace(offset, bytes.size(), bytes);
  return status(id, Status::ok);
}

std::string FakeServer::rename(std::uint32_t id, Fields& fields, bool replace) {
  const std::string from(fields.text());
  const std::string to(fields.text());
  if (!files_.contains(from)) return status(id, Status::no_such_file);
  if (!replace && files_.contains(to)) return status(id, Status::failure, "exists");
  if (behaviour_.on_rename && from.ends_with(".part")) return status(id, behaviour_.on_rename->status, behaviour_.on_rename->message);
  files_[to] = files_[from];
  files_.erase(from);
  return status(id, Status::ok);
}

}  // namespace sluice::drivers::sftp
