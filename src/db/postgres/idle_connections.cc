#include "db/postgres/idle_connections.h"

#include <libpq-fe.h>

namespace sluice::db::postgres {

base::Result<IdleConnections::Lease> IdleConnections::take() {
  for (;;) {
    Handle handle;
    {
      const std::lock_guard lock(mutex_);
      if (idle_.empty()) break;
      handle = std::move(idle_.back());
      idle_.pop_back();
    }
    // The server may have closed it meanwhile.
    const Answer alive(PQexec(handle.get(), ""));
    if (PQresultStatus(alive.get()) == PGRES_EMPTY_QUERY) return Lease(shared_from_this(), std::move(handle));
  }
  ASSIGN_OR_RETURN(Handle handle, connect(url_));
  return Lease(shared_from_this(), std::move(handle));
}

void IdleConnections::give_back(Handle handle) {
  if (PQstatus(handle.get()) != CONNECTION_OK || PQtransactionStatus(handle.get()) != PQTRANS_IDLE) return;
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMost) idle_.push_back(std::move(handle));
}

}  // namespace sluice::db::postgres
