// A thread that only ever runs while whoever steps it waits: many executions are under way at once, and still one thread at a
// time decides what happens next, so that a seed tells the whole story.
#pragma once

#include <semaphore.h>

#include <functional>
#include <thread>

namespace sluice::sim {

// Thrown inside an execution whose node dies. Not a std::exception, which the engine would take for a failed run.
struct Died {};

class Worker {
 public:
  // `work` is one piece of work; it may call park().
  explicit Worker(std::function<void()> work);
  ~Worker();  // its work must not be under way
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Begins a piece of work, or goes on with the one under way, up to its next park() or its end.
  void step();
  bool is_busy() const { return is_busy_; }
  // Unwinds the work that is under way, without its end being written.
  void die();

  // On the worker's thread: lets the others go on until the next step(). Does nothing on other threads.
  static void park();
  // Of the calling thread, or null.
  static Worker* current();

 private:
  void run();

  std::function<void()> work_;
  sem_t go_{};  // not those of std: they spin before they sleep
  sem_t done_{};
  bool is_busy_ = false;
  bool is_dying_ = false;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace sluice::sim
