// Errors of this driver, and what to do about them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/cell.h"
#include "base/error.h"

namespace sluice::drivers::postgresql {

// The server's answer to a statement it did not carry out.
struct Refusal {
  std::string state;    // SQLSTATE, five characters
  std::string message;  // the server's words; may quote values of a row
  std::string column;
  std::string constraint;
  bool fatal = false;  // the session has ended with it
};

// Whether a row is to blame rather than the table, the rights or the server: another row may pass.
bool blames_rows(const Refusal& refusal);
// Whether the same transaction may pass when it is tried again (deadlock, serialisation).
bool passes(const Refusal& refusal);

// "pg.23505".
std::string reason_of(const Refusal& refusal);
// The server's words about a row without the row's values: what follows a colon and a quote is one, and so is any cell of the row.
std::string words_about_row(const Refusal& refusal, std::span<const base::Cell> cells);

// `doing` completes "The server refused to …".
base::Error refused(const Refusal& refusal, std::string_view doing);
base::Error connection_lost(std::string_view doing, std::string_view why);
base::Error stalled(std::string_view doing);
base::Error cancelled(std::string_view doing);
// Why there is no session: libpq has but a text, in which the server's SQLSTATE is sought.
base::Error not_signed_in(std::string_view words);

// For a person who verifies; nullopt when the detail says it all.
std::optional<std::string> advice_for(const base::Error& error);

}  // namespace sluice::drivers::postgresql
