#include "support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <cstdlib>

#include "base/text.h"

namespace sluice::test {

namespace {

// Waits for something to read; false when the server ends.
bool readable(int fd, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
    if (poll(&one, 1, 20) > 0) return true;
  }
  return false;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void wait_until_stopped(std::chrono::milliseconds most, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, most, [] { return false; });
}

std::optional<HttpSeen> parse_head(std::string_view head) {
  HttpSeen seen;
  bool first = true;
  for (std::string_view line : base::split(head, '\n')) {
    line = base::trim(line);
    if (first) {
      const auto words = base::split(line, ' ');
      if (words.size() != 3) return std::nullopt;
      seen.method = words[0];
      seen.path = words[1];
      first = false;
    } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
      seen.headers.emplace_back(line.substr(0, colon), base::trim(line.substr(colon + 1)));
    }
  }
  return seen;
}

}  // namespace

std::string HttpSeen::header(const std::string& name) const {
  for (const auto& [one, value] : headers) {
    if (base::equals_ignoring_case(one, name)) return value;
  }
  return {};
}

HttpServer::HttpServer(Answer answer) : answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 128) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    std::abort();
  port_ = ntohs(address.sin_port);
  accepter_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

HttpServer::~HttpServer() {
  accepter_.request_stop();
  accepter_.join();
  threads_.clear();  // asks each to stop, and waits for it
  close(listener_);
}

std::vector<HttpSeen> HttpServer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void HttpServer::accept_all(const std::stop_token& stop) {
  while (readable(listener_, stop)) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, fd](const std::stop_token& own) {
      serve(fd, own);
      close(fd);
    });
  }
}

void HttpServer::serve(int fd, const std::stop_token& stop) {
  std::string in;
  std::array<char, 65536> buffer{};
  while (true) {
    const std::size_t end = in.find("\r\n\r\n");
    if (end != std::string::npos) {
      auto seen = parse_head(in.substr(0, end));
      if (!seen) return;
      const std::size_t length = static_cast<std::size_t>(base::parse_int(seen->header("Content-Length")).value_or(0));
      if (in.size() >= end + 4 + length) {
        seen->body = in.substr(end + 4, length);
        in.erase(0, end + 4 + length);
        if (!reply(fd, *seen, stop)) return;
        continue;
      }
    }
    if (!readable(fd, stop)) return;
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    in.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

bool HttpServer::reply(int fd, const HttpSeen& seen, const std::stop_token& stop) {
  const int at_once = ++at_once_;
  int most = most_at_once_;
  while (most < at_once && !most_at_once_.compare_exchange_weak(most, at_once)) {}
  const HttpReply reply = answer_(seen);
  if (reply.delay.count() > 0) wait_until_stopped(reply.delay, stop);
  {
    const std::lock_guard lock(mutex_);
    seen_.push_back(seen);
  }
  --at_once_;
  std::string head =
      "HTTP/1.1 " + std::to_string(reply.status) + " Some words\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n";
  for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
  head += "\r\n";
  if (reply.status == 204) head = "HTTP/1.1 204 No Content\r\n\r\n";
  switch (reply.way) {
    case HttpReply::Way::whole:
      return send_all(fd, head + reply.body);
    case HttpReply::Way::cut_before:
      return false;
    case HttpReply::Way::cut_within:
      send_all(fd, head + reply.body.substr(0, reply.body.size() / 2));
      return false;
    case HttpReply::Way::garbage:
      send_all(fd, "\x01\x02 this is not HTTP\r\n\r\n");
      return false;
    case HttpReply::Way::silence:
      readable(fd, stop);
      return false;
  }
  return false;
}

}  // namespace sluice::test
