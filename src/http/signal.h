// A thing that happens once: one coroutine waits, somebody on the same io thread sets. Other threads set it through
// IoThread::set_signal. Setting first and waiting later is fine.
#pragma once

#include <memory>
#include <utility>

#include "http/asio.h"

namespace sluice::http {

class Signal {
 public:
  void set() {
    if (waiter_ == nullptr) {
      is_set_ = true;
      return;
    }
    // The coroutine may destroy this Signal before resume() returns.
    const std::unique_ptr<Waiter> waiter = std::move(waiter_);
    waiter->resume();
  }

  Task<void> wait() {
    if (!is_set_) {
      co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(Arm{*this}, kAwait);
    }
    is_set_ = false;
  }

 private:
  struct Waiter {
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    virtual ~Waiter() = default;
    virtual void resume() = 0;
  };
  template <class Handler>
  struct HandlerWaiter final : Waiter {
    explicit HandlerWaiter(Handler h) : handler(std::move(h)) {}
    void resume() override { std::move(handler)(); }
    Handler handler;
  };
  struct Arm {
    Signal& signal;
    template <class Handler>
    void operator()(Handler handler) const {
      signal.waiter_ = std::make_unique<HandlerWaiter<Handler>>(std::move(handler));
    }
  };

  std::unique_ptr<Waiter> waiter_;
  bool is_set_ = false;
};

}  // namespace sluice::http
