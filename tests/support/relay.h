// A TCP relay on 127.0.0.1 that can slow down, freeze or cut the connections through it.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace sluice::test {

class Relay {
 public:
  explicit Relay(std::uint16_t target_port);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::uint16_t port() const { return port_; }
  // Bytes a second towards the target; 0: as fast as it goes.
  void limit(std::uint64_t bytes_per_second) { rate_ = bytes_per_second; }
  // Nothing is read any more, in either direction; the connections stay.
  void freeze() { frozen_ = true; }
  void thaw() { frozen_ = false; }
  // Closes what is open with a reset. New connections are accepted.
  void cut() { ++cuts_; }
  std::uint64_t forwarded_bytes() const { return forwarded_; }
  int connections() const { return connections_; }

 private:
  void listen_on(const std::stop_token& stop);
  void carry(int client, const std::stop_token& stop);

  std::uint16_t target_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<std::uint64_t> rate_ = 0;
  std::atomic<bool> frozen_ = false;
  std::atomic<int> cuts_ = 0;
  std::atomic<std::uint64_t> forwarded_ = 0;
  std::atomic<int> connections_ = 0;
  std::jthread thread_;
};

}  // namespace sluice::test
