#include "http/connection.h"

namespace sluice::http {

Task<void> Connection::stream_events() { co_return; }

}  // namespace sluice::http
