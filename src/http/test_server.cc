#include "http/test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "base/log.h"
#include "base/text.h"

namespace sluice::http::test {

namespace {

using base::Permission;
using base::Result;

Result<Response> hello(Service&, Call&) { return ok(R"({"message":"hello"})"); }
Result<Response> echo(Service&, Call& call) { return Response{.content_type = "text/plain", .body = call.body}; }
Result<Response> page(Service&, Call&) { return Response{.content_type = "text/html; charset=utf-8", .body = "<p>hi</p>"}; }
Result<Response> item(Service&, Call& call) { return ok("\"" + std::string(call.path_value("item_id")) + "\""); }
Result<Response> remove_item(Service&, Call&) { return no_content(); }
Result<Response> asset(Service& service, Call&) { return Response{.content_type = "text/javascript", .static_body = service.asset}; }
Result<Response> throws(Service&, Call&) { throw std::runtime_error("the secret cause"); }
Result<Response> wait(Service& service, Call& call) { return service.wait_route(call); }
Result<Response> spool(Service& service, Call& call) { return service.spool_route(call); }
Result<Response> events(Service&, Call&) { return Response{.events = true}; }

constexpr Route<Service> kRoutes[] = {
    {Method::get, "/hello", Permission::anyone, &hello, "Say hello"},
    {Method::post, "/echo", Permission::anyone, &echo, "Give the body back"},
    {Method::get, "/page", Permission::anyone, &page, "A page"},
    {Method::get, "/asset", Permission::anyone, &asset, "Bytes from memory"},
    {Method::get, "/items/{item_id}", Permission::anyone, &item, "One item"},
    {Method::del, "/items/{item_id}", Permission::anyone, &remove_item, "Remove an item"},
    {Method::get, "/throws", Permission::anyone, &throws, "Throw"},
    {Method::get, "/wait", Permission::anyone, &wait, "Wait"},
    {Method::get, "/slow-wait", Permission::anyone, &wait, "Wait on the other lane", {.lane = Lane::slow}},
    {Method::put, "/spool", Permission::tables_edit, &spool, "A large body", {.lane = Lane::slow, .body_limit = 100 << 20, .spool = true}},
    {Method::get, "/events", Permission::view, &events, "Events"},
};

ServerOptions completed(ServerOptions options, const Folder& folder) {
  options.port = 0;
  if (options.spool_folder.empty()) options.spool_folder = folder.path();
  return options;
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  for (const std::string_view line : base::split(head, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && base::equals_ignoring_case(line.substr(0, colon), name))
      return std::string(base::trim(line.substr(colon + 1)));
  }
  return {};
}

Client::Client(std::uint16_t port, int receive_buffer) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer != 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool Client::more() {
  char bytes[65536];
  const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count < 0) reset_ = true;
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string Client::read_until(std::string_view text) {
  std::size_t at = std::string::npos;
  while ((at = buffer_.find(text)) == std::string::npos) {
    if (!more()) return std::exchange(buffer_, {});
  }
  std::string result = buffer_.substr(0, at + text.size());
  buffer_.erase(0, at + text.size());
  return result;
}

std::string Client::read_to_end() {
  while (more()) {}
  return std::exchange(buffer_, {});
}

Answer Client::read_answer(bool to_head) {
  Answer answer;
  answer.head = read_until("\r\n\r\n");
  if (answer.head.size() > 12) answer.status = static_cast<int>(base::parse_int(std::string_view(answer.head).substr(9, 3)).value_or(0));
  if (to_head || answer.status == 204 || answer.status == 304 || answer.status == 100) return answer;
  const auto length = static_cast<std::size_t>(base::parse_int(answer.header("content-length")).value_or(0));
  while (buffer_.size() < length && more()) {}
  answer.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return answer;
}

void Client::shutdown_send() { ::shutdown(socket_, SHUT_WR); }

void Client::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

std::string statuses(std::string_view bytes) {
  std::string list;
  for (std::size_t at = bytes.find("HTTP/1."); at != std::string_view::npos; at = bytes.find("HTTP/1.", at + 1)) {
    // The details of problems name the protocol too.
    if (at + 12 > bytes.size() || !base::parse_int(bytes.substr(at + 9, 3))) continue;
    list += (list.empty() ? "" : ",") + std::string(bytes.substr(at + 9, 3));
  }
  return list;
}

std::string unchunked(std::string_view body) {
  std::string data;
  while (!body.empty()) {
    const std::size_t line = body.find("\r\n");
    const std::size_t size = std::stoul(std::string(body.substr(0, line)), nullptr, 16);
    data += body.substr(line + 2, size);
    if (size == 0) break;
    body.remove_prefix(std::min(body.size(), line + 4 + size));
  }
  return data;
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "sluice-http-XXXXXX").string();
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}
Folder::~Folder() {
  std::error_code ec;
  std::filesystem::remove_all(path_, ec);
}
std::size_t Folder::files() const {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path_)) ++count;
  return count;
}

Gate fake_gate() {
  Gate gate;
  gate.identify = [](Call& call) -> Result<void> {
    const auto cookie = call.header("x-cookie");
    const auto role = cookie ? cookie : call.header("x-role");
    if (!role) return {};
    if (*role == "expired")
      return base::Error{.code = base::Code::unauthenticated, .reason = "session.expired", .detail = "Sign in again."};
    call.actor.role = *base::from_name<base::Role>(*role);
    call.signed_in = true;
    if (cookie) call.session_token_hash = "hash";
    return {};
  };
  gate.csrf_token = [](const Call&) { return std::string("the-token"); };
  return gate;
}

TestServer::TestServer(ServerOptions wanted, Gate gate) : router(std::move(gate)) {
  base::log::configure(base::log::Format::text, base::log::Level::error);
  router.add(kRoutes, service);
  auto started = Server::start(completed(std::move(wanted), folder), router, hub);
  if (!started.ok()) throw std::runtime_error(started.error().detail);
  server = *std::move(started);
}

TestServer::~TestServer() {
  if (server != nullptr) server->stop(std::chrono::seconds(5));
}

Answer TestServer::ask(std::string_view bytes) const {
  Client client(port());
  client.send(bytes);
  return client.read_answer(bytes.starts_with("HEAD"));
}

std::string request(std::string_view method, std::string_view target, std::string_view headers, std::string_view body) {
  std::string text =
      std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + std::string(headers);
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + std::string(body);
}

}  // namespace sluice::http::test
