// Secret: a value that cannot be printed, logged or written as JSON; trying to is a compile error.
//
// Move-only. The bytes live on the heap (never in a small-string buffer, which a move would leave behind) and are wiped when
// the Secret dies. Requests produce Secrets, drivers and the vault consume them; nobody else needs to look inside, so
// `expose()` may be written only under src/net, src/drivers, src/crypto and src/features/vault (tools/check_layers.py).
#pragma once

#include <cstddef>
#include <memory>
#include <ostream>
#include <string_view>

namespace sluice::base {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes);
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  Secret clone() const { return Secret(expose()); }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // Valid until the Secret is moved from or dies.
  std::string_view expose() const { return {bytes_.get(), size_}; }
  // Takes the same time whether the values differ early or late.
  bool equals(const Secret& other) const;

 private:
  void wipe();
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

std::ostream& operator<<(std::ostream&, const Secret&) = delete;

// Overwrites memory that held a secret; the compiler may not remove it.
void wipe_memory(void* data, std::size_t size);

}  // namespace sluice::base
