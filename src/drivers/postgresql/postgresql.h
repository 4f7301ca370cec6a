// Rows into a table of a PostgreSQL database, over libpq and an address that the egress guard let pass.
//
//   wire      one connection; the only place that waits
//   opening   resolve, connect, sign in, rights: the same functions for a verification and for a run (BEY-07)
//   table     the target table: found or made, checked, and the statements that fill it
//   parcel    rows on their way, as text of COPY
//   rows      the RowSession: parcels, and the search for the rows that a table refuses
//   failure   from SQLSTATEs to sentences
#pragma once

#include "drivers/driver.h"

namespace sluice::drivers::postgresql {

// Rows go by COPY into a temporary table and from there, in one transaction of some ten thousand rows, into the target by
// INSERT … ON CONFLICT DO UPDATE, or out of it by DELETE … USING. Only the columns of the plan are touched; a null cell becomes NULL.
// A row that the table refuses is found by halving and rejected with the reason "pg.<SQLSTATE>"; the others arrive. Rows of a transaction
// that was given up before its COMMIT are not there and are not answered; those of a COMMIT without an answer are unknown. Reasons: those
// of RowSession (drivers/driver.h) and of net/guard.h.
base::Result<std::unique_ptr<RowSession>> open_rows(const Context& context, const Target& target, const RowsPlan& plan, RowEvents events);
// The statements of a first transaction, with the rows in the form of COPY.
base::Result<std::string> preview_rows(const Target& target, const RowsPlan& plan, const RowBlock& rows);
std::vector<Step> verify(const Context& context, const Target& target, const std::function<void(const Step&)>& report);

inline constexpr Driver kDriver = {.name = "postgresql", .verify = &verify, .open_rows = &open_rows, .preview_rows = &preview_rows};

}  // namespace sluice::drivers::postgresql
