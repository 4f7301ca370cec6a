#include "db/errors.h"

#include <utility>

namespace sluice::db::errors {

using base::Code;
using base::Error;

Error unique(std::string constraint) {
  return {.code = Code::conflict,
          .reason = "db.unique",
          .detail = "Something with this value exists already.",
          .internal = std::move(constraint)};
}

Error foreign_key(std::string constraint) {
  return {.code = Code::in_use,
          .reason = "db.foreign_key",
          .detail = "Something else depends on this, or what it refers to does not exist.",
          .internal = std::move(constraint)};
}

Error check(std::string constraint) {
  return {
      .code = Code::invalid, .reason = "db.check", .detail = "The database does not accept this value.", .internal = std::move(constraint)};
}

Error unavailable(std::string cause) {
  return {
      .code = Code::internal, .reason = "db.unavailable", .detail = "The database cannot be used right now.", .internal = std::move(cause)};
}

Error statement(std::string cause) {
  return {.code = Code::internal, .reason = "db.statement", .detail = "Something went wrong on our side.", .internal = std::move(cause)};
}

Error closed() { return unavailable("the database was closed"); }

}  // namespace sluice::db::errors
