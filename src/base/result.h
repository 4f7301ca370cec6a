// Result<T>: a value or an Error. Result<void> for things that only succeed.
//
//   ASSIGN_OR_RETURN(auto row, store::find(tx, id));   // leaves the function with the Error
//   RETURN_IF_ERROR(rules::check_name(draft));
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "base/error.h"

namespace sluice::base {

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)
  template <class U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, T>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Requires ok().
  T& value() & {
    BASE_ASSERT(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    BASE_ASSERT(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    BASE_ASSERT(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Requires !ok().
  Error& error() & {
    BASE_ASSERT(!ok());
    return std::get<1>(state_);
  }
  const Error& error() const& {
    BASE_ASSERT(!ok());
    return std::get<1>(state_);
  }
  Error&& error() && {
    BASE_ASSERT(!ok());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  Error& error() & {
    BASE_ASSERT(!ok_);
    return error_;
  }
  const Error& error() const& {
    BASE_ASSERT(!ok_);
    return error_;
  }
  Error&& error() && {
    BASE_ASSERT(!ok_);
    return std::move(error_);
  }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace sluice::base

#define BASE_CONCAT_INNER(a, b) a##b
#define BASE_CONCAT(a, b) BASE_CONCAT_INNER(a, b)

#define ASSIGN_OR_RETURN(declaration, expression)                                                     \
  auto BASE_CONCAT(result_, __LINE__) = (expression);                                                 \
  if (!BASE_CONCAT(result_, __LINE__).ok()) return std::move(BASE_CONCAT(result_, __LINE__)).error(); \
  declaration = *std::move(BASE_CONCAT(result_, __LINE__))

#define RETURN_IF_ERROR(expression)                               \
  do {                                                            \
    auto base_result = (expression);                              \
    if (!base_result.ok()) return std::move(base_result).error(); \
  } while (false)
