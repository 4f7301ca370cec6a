#include "sim/worker.h"

#include <utility>

namespace sluice::sim {

namespace {

thread_local Worker* mine = nullptr;

void wait(sem_t* semaphore) {
  while (sem_wait(semaphore) != 0) {  // a signal
  }
}

}  // namespace

Worker::Worker(std::function<void()> work) : work_(std::move(work)) {
  sem_init(&go_, 0, 0);
  sem_init(&done_, 0, 0);
  thread_ = std::thread([this] { run(); });
}

Worker::~Worker() {
  is_over_ = true;
  sem_post(&go_);
  thread_.join();
  sem_destroy(&go_);
  sem_destroy(&done_);
}

void Worker::step() {
  is_busy_ = true;
  sem_post(&go_);
  wait(&done_);
}

void Worker::die() {
  is_dying_ = true;
  while (is_busy_) step();
  is_dying_ = false;
}

void Worker::park() {
  if (mine == nullptr) return;
  sem_post(&mine->done_);
  wait(&mine->go_);
  if (mine->is_dying_) throw Died{};
}

Worker* Worker::current() { return mine; }

void Worker::run() {
  mine = this;
  for (;;) {
    wait(&go_);
    if (is_over_) return;
    try {
      work_();
    } catch (const Died&) {  // nothing of it is left but what the database knows
    }
    is_busy_ = false;
    sem_post(&done_);
  }
}

}  // namespace sluice::sim
