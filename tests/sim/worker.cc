#include "sim/worker.h"

#include <utility>

namespace sluice::sim {

namespace {

thread_local Worker* mine = nullptr;

}  // namespace

Worker::Worker(std::function<void()> work) : work_(std::move(work)), thread_([this] { run(); }) {}

Worker::~Worker() {
  is_over_ = true;
  go_.release();
  thread_.join();
}

void Worker::step() {
  is_busy_ = true;
  go_.release();
  done_.acquire();
}

void Worker::die() {
  is_dying_ = true;
  while (is_busy_) step();
  is_dying_ = false;
}

void Worker::park() {
  if (mine == nullptr) return;
  mine->done_.release();
  mine->go_.acquire();
  if (mine->is_dying_) throw Died{};
}

Worker* Worker::current() { return mine; }

void Worker::run() {
  mine = this;
  for (;;) {
    go_.acquire();
    if (is_over_) return;
    try {
      work_();
    } catch (const Died&) {  // nothing of it is left but what the database knows
    }
    is_busy_ = false;
    done_.release();
  }
}

}  // namespace sluice::sim
