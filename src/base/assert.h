// BASE_ASSERT(condition): for errors of the programmer, always on. Input never asserts.
#pragma once

namespace sluice::base {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}

#define BASE_ASSERT(condition) ((condition) ? static_cast<void>(0) : ::sluice::base::assertion_failed(#condition, __FILE__, __LINE__))
