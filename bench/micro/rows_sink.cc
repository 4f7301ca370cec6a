// The other end of rows_bench: takes batches of rows over HTTP/1.1 on 127.0.0.1 and answers each after some milliseconds, on one
// thread. A row is an occurrence of `"CustomerId":`.
//
//   rows_sink PORT [LATENCY_MS]      GET /stats gives {"requests":…,"rows":…}; GET /reset?latency=MS puts them back to 0
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  std::string in;
  std::uint64_t number = 0;  // descriptors are used again
};
struct Late {
  Clock::time_point at;
  int fd;
  std::uint64_t number;
};

class Sink {
 public:
  Sink(int port, int latency_ms) : latency_(latency_ms) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 1024) != 0) {
      std::perror("rows_sink");
      std::exit(1);
    }
    epoll_ = epoll_create1(0);
    watch(listener_);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events{};
    while (true) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
      for (; !late_.empty() && late_.front().at <= Clock::now(); late_.pop_front()) {
        const auto found = connections_.find(late_.front().fd);
        if (found != connections_.end() && found->second.number == late_.front().number) answer(late_.front().fd, R"({"ok":true})");
      }
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept_all();
        } else {
          read(fd);
        }
      }
    }
  }

 private:
  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  int wait_ms() const {
    if (late_.empty()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(late_.front().at - Clock::now()).count();
    return left < 0 ? 0 : static_cast<int>(left);
  }
  void accept_all() {
    for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(fd);
      connections_[fd].number = ++numbers_;
    }
  }
  void read(int fd) {
    Connection& connection = connections_[fd];
    for (ssize_t got = 0; (got = recv(fd, buffer_.data(), buffer_.size(), 0)) != 0;) {
      if (got < 0) {
        serve(fd, connection);
        return;
      }
      connection.in.append(buffer_.data(), static_cast<std::size_t>(got));
    }
    close(fd);
    connections_.erase(fd);
  }
  void serve(int fd, Connection& connection) {
    while (true) {
      const std::size_t end = connection.in.find("\r\n\r\n");
      if (end == std::string::npos) return;
      const char* length = strcasestr(connection.in.c_str(), "\r\ncontent-length:");
      const std::size_t body = length == nullptr ? 0 : std::strtoull(length + 17, nullptr, 10);
      if (connection.in.size() < end + 4 + body) {
        connection.in.reserve(end + 4 + body);
        return;
      }
      take(fd, connection, std::string_view(connection.in).substr(0, end), std::string_view(connection.in).substr(end + 4, body));
      connection.in.erase(0, end + 4 + body);
    }
  }
  void take(int fd, const Connection& connection, std::string_view head, std::string_view body) {
    if (head.starts_with("GET /stats")) {
      answer(fd, "{\"requests\":" + std::to_string(requests_) + ",\"rows\":" + std::to_string(rows_) + "}");
      return;
    }
    if (head.starts_with("GET /reset")) {
      requests_ = rows_ = 0;
      if (const std::size_t at = head.find("latency="); at != std::string_view::npos)
        latency_ = std::chrono::milliseconds(std::atoi(head.data() + at + 8));
      answer(fd, "{}");
      return;
    }
    ++requests_;
    for (std::size_t at = body.find("\"CustomerId\":"); at != std::string_view::npos; at = body.find("\"CustomerId\":", at + 13)) ++rows_;
    if (latency_.count() == 0) {
      answer(fd, R"({"ok":true})");
    } else {
      late_.push_back({Clock::now() + latency_, fd, connection.number});
    }
  }
  static void answer(int fd, const std::string& body) {
    const std::string all =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    (void)!send(fd, all.data(), all.size(), MSG_NOSIGNAL);  // short: fits the socket's buffer
  }

  std::chrono::milliseconds latency_;
  int listener_ = -1, epoll_ = -1;
  std::map<int, Connection> connections_;
  std::deque<Late> late_;
  std::uint64_t numbers_ = 0, requests_ = 0, rows_ = 0;
  std::vector<char> buffer_ = std::vector<char>(1 << 20);
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "rows_sink PORT [LATENCY_MS]\n");
    return 2;
  }
  Sink(std::atoi(argv[1]), argc > 2 ? std::atoi(argv[2]) : 0).run();
}
