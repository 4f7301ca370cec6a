#include "http/server.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "http/io_thread.h"
#include "http/lanes.h"
#include "http/spool.h"

namespace sluice::http {

namespace {

// Each connection takes a descriptor; the usual soft limit of 1,024 is a leftover of select().
void raise_descriptor_limit(std::size_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, connections + 1024);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// SO_REUSEPORT lets a second server of the same user take half of our connections without a word. A plain bind tells.
base::Result<void> check_port_is_free(const std::string& address, std::uint16_t port) {
  error_code ec;
  const auto ip = asio::ip::make_address(address, ec);
  if (ec || port == 0) return {};
  asio::io_context context;
  Acceptor probe(context);
  probe.open(asio::ip::tcp::endpoint(ip, port).protocol(), ec);
  if (!ec) probe.set_option(Acceptor::reuse_address(true), ec);
  if (!ec) probe.bind({ip, port}, ec);
  if (!ec) return {};
  return base::Error{.code = base::Code::conflict,
                     .reason = "server.cannot_listen",
                     .detail = "Cannot listen on " + address + " port " + std::to_string(port) + ": " + ec.message() + "."};
}

class ServerImpl final : public Server {
 public:
  ServerImpl(const ServerOptions& options, const Router& router, EventHub& hub)
      : options_(options),
        lanes_(options_),
        shared_{.options = options_, .router = router, .hub = hub, .lanes = lanes_, .connection_ended = [this] { told(); }} {}
  ~ServerImpl() override { stop(std::chrono::seconds(0)); }

  base::Result<void> begin() {
    RETURN_IF_ERROR(check_port_is_free(options_.address, options_.port));
    if (!options_.spool_folder.empty()) remove_old_spool_files(options_.spool_folder);
    raise_descriptor_limit(options_.max_connections);
    port_ = options_.port;
    for (std::size_t i = 0; i < std::max<std::size_t>(1, options_.io_threads); ++i) {
      io_threads_.push_back(std::make_unique<IoThread>(shared_));
      ASSIGN_OR_RETURN(port_, io_threads_.back()->listen(options_.address, port_));
    }
    for (std::size_t i = 0; i < io_threads_.size(); ++i) {
      threads_.emplace_back([io = io_threads_[i].get()] { io->run(); });
      pthread_setname_np(threads_.back().native_handle(), ("io-" + std::to_string(i)).c_str());
    }
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void stop(std::chrono::seconds grace) override {
    const std::lock_guard once(stop_mutex_);
    if (stopped_) return;
    stopped_ = true;
    if (threads_.empty()) return;
    for (const auto& io : io_threads_) io->begin_stop();
    wait_for_connections(grace);
    for (const auto& io : io_threads_) io->force_close();
    lanes_.stop_handlers();
    wait_for_connections(std::chrono::hours(24));
    lanes_.stop_files();
    for (const auto& io : io_threads_) io->finish();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void told() {
    const std::lock_guard lock(ended_mutex_);
    ended_.notify_all();
  }
  void wait_for_connections(std::chrono::seconds most) {
    std::unique_lock lock(ended_mutex_);
    ended_.wait_for(lock, most, [this] { return shared_.connections.load() == 0; });
  }

  const ServerOptions options_;
  Lanes lanes_;
  Shared shared_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<IoThread>> io_threads_;
  std::vector<std::thread> threads_;
  std::mutex stop_mutex_;  // guards stopped_
  bool stopped_ = false;
  std::mutex ended_mutex_;  // for ended_
  std::condition_variable ended_;
};

}  // namespace

base::Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, const Router& router, EventHub& hub) {
  auto server = std::make_unique<ServerImpl>(options, router, hub);
  RETURN_IF_ERROR(server->begin());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace sluice::http
