#include "drivers/probe.h"

#include "base/random.h"

namespace sluice::drivers {

void probe(Steps& steps, const std::unique_ptr<FileSession>& session) {
  const std::string id = base::random_token(9);
  const std::string name = ".sluice-verify-" + id;
  steps.run("write", "Write a probe file", [&]() -> base::Result<Finding> {
    const std::string bytes(1024, '.');
    base::Result<void> done = session->open(name, id);
    if (done.ok()) done = session->write(bytes);
    if (done.ok()) done = session->commit();
    if (!done.ok()) {
      session->abandon();
      return std::move(done).error();
    }
    return Finding{"1 KB was written, its size was checked, and it was renamed."};
  });
  steps.run("clean_up", "Remove the probe file", [&]() -> base::Result<Finding> {
    RETURN_IF_ERROR(session->remove(name));
    return Finding{"The probe file is gone."};
  });
}

}  // namespace sluice::drivers
