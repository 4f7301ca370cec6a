#include "data/values.h"

#include <algorithm>
#include <cstring>

namespace sluice::data::values {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Length of the run of digits at `at`.
std::size_t digits(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

// Two digits; -1 when they are not.
int two(std::string_view text, std::size_t at) {
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return -1;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// The date in the first ten characters.
bool parse_date(std::string_view text, Instant& instant) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  const int century = two(text, 0);
  const int rest = two(text, 2);
  instant.month = two(text, 5);
  instant.day = two(text, 8);
  if (century < 0 || rest < 0) return false;
  instant.year = century * 100 + rest;
  return instant.year > 0 && instant.month >= 1 && instant.month <= 12 && instant.day >= 1 &&
         instant.day <= days_in(instant.year, instant.month);
}

// "", "Z", "+02:00", "+0200" or "+02" at `at`, up to the end.
bool parse_zone(std::string_view text, std::size_t at, Instant& instant) {
  if (at == text.size()) return true;
  instant.has_zone = true;
  if (text[at] == 'Z' || text[at] == 'z') return at + 1 == text.size();
  if (text[at] != '+' && text[at] != '-') return false;
  const int hours = two(text, at + 1);
  std::size_t next = at + 3;
  if (next < text.size() && text[next] == ':') ++next;
  const int minutes = next == text.size() && next == at + 3 ? 0 : two(text, next);
  if (next != text.size()) next += 2;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || next != text.size()) return false;
  instant.offset_minutes = (text[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

void put_two(char* out, int value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
}

void next_day(Instant& t) {
  if (++t.day <= days_in(t.year, t.month)) return;
  t.day = 1;
  if (++t.month <= 12) return;
  t.month = 1;
  ++t.year;
}

void previous_day(Instant& t) {
  if (--t.day >= 1) return;
  if (--t.month < 1) {
    t.month = 12;
    --t.year;
  }
  t.day = days_in(t.year, t.month);
}

// 31.12.2026, 12/31/26, 2026/12/31, 20261231T…: what people may have meant as a date.
bool looks_like_other_date(std::string_view text) {
  const std::size_t first = digits(text, 0);
  if (first == 0 || first == 3 || first > 4 || first >= text.size()) return false;
  const char separator = text[first];
  if (separator != '.' && separator != '/' && separator != '-') return false;
  const std::size_t second = digits(text, first + 1);
  const std::size_t at = first + 1 + second;
  if (second == 0 || second > 2 || at >= text.size() || text[at] != separator) return false;
  const std::size_t third = digits(text, at + 1);
  const std::size_t end = at + 1 + third;
  if (first == 4 ? third == 0 || third > 2 : third != 2 && third != 4) return false;
  return end == text.size() || text[end] == ' ' || text[end] == 'T' || text[end] == ',';
}

// 1,5 and 1.234,50 and 1,234.50
bool looks_like_comma_number(std::string_view text) {
  bool comma = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]))
      comma = true;
    else if (!is_digit(text[i]) && !(text[i] == '.' && i > 0))
      return false;
  }
  return comma;
}

bool looks_like_exponent(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  if (e == std::string_view::npos || e == 0) return false;
  const std::size_t sign = e + 1 < text.size() && (text[e + 1] == '+' || text[e + 1] == '-') ? 1 : 0;
  const std::size_t power = e + 1 + sign;
  return is_decimal(text.substr(0, e)) && power < text.size() && digits(text, power) == text.size() - power;
}

Look look_of_number(std::string_view text) {
  if (is_integer(text)) return Look::integer;
  if (is_decimal(text)) return Look::decimal;
  const std::string_view bare = text.front() == '-' || text.front() == '+' ? text.substr(1) : text;
  if (bare.empty()) return Look::text;
  if (looks_like_other_date(text)) return Look::other_date;
  if (looks_like_exponent(bare)) return Look::exponent;
  if (looks_like_comma_number(bare)) return Look::comma_number;
  const std::size_t whole = digits(bare, 0);
  const bool plain = whole == bare.size() ||
                     (whole != 0 && bare[whole] == '.' && whole + 1 < bare.size() && whole + 1 + digits(bare, whole + 1) == bare.size());
  if (!plain) return Look::text;
  return text.front() == '+' ? Look::plus_sign : Look::leading_zero;
}

}  // namespace

std::string shorten(std::string_view text, std::size_t characters) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (count++ == characters) return std::string(text.substr(0, i)) + "…";
  }
  return std::string(text);
}

bool is_integer(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view number = negative ? text.substr(1) : text;
  if (number.empty() || number.size() > 19 || digits(number, 0) != number.size()) return false;
  if (number.front() == '0') return number.size() == 1 && !negative;
  if (number.size() < 19) return true;
  return number <= (negative ? std::string_view("9223372036854775808") : std::string_view("9223372036854775807"));
}

bool is_decimal(std::string_view text) {
  const std::string_view number = !text.empty() && text.front() == '-' ? text.substr(1) : text;
  const std::size_t whole = digits(number, 0);
  if (whole == 0 || (whole > 1 && number.front() == '0')) return false;
  if (whole == number.size()) return true;
  return number[whole] == '.' && whole + 1 < number.size() && whole + 1 + digits(number, whole + 1) == number.size();
}

bool is_date(std::string_view text) {
  Instant instant;
  return text.size() == 10 && parse_date(text, instant);
}

bool parse_timestamp(std::string_view text, Instant& instant) {
  instant = Instant();
  if (text.size() < 16 || !parse_date(text, instant)) return false;
  if (text[10] != 'T' && text[10] != ' ' && text[10] != 't') return false;
  instant.hour = two(text, 11);
  instant.minute = two(text, 14);
  if (text[13] != ':' || instant.hour < 0 || instant.hour > 23 || instant.minute < 0 || instant.minute > 59) return false;
  std::size_t at = 16;
  bool seconds = false;
  std::size_t all_digits = 0;
  if (at < text.size() && text[at] == ':') {
    seconds = true;
    instant.second = two(text, 17);
    // 60 is a leap second, which RFC 3339 allows; it is written as the second after.
    if (instant.second < 0 || instant.second > 60) return false;
    at = 19;
    if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
      instant.fraction = at + 1;
      all_digits = digits(text, at + 1);
      if (all_digits == 0) return false;
      instant.fraction_digits = std::min<std::size_t>(all_digits, 9);
      at += 1 + all_digits;
    }
  }
  if (!parse_zone(text, at, instant)) return false;
  instant.canonical =
      text[10] == 'T' && seconds && instant.second < 60 && all_digits <= 9 && text.back() == 'Z' && (all_digits == 0 || text[19] == '.');
  return true;
}

std::size_t write_utc(std::string_view text, const Instant& instant, char* out) {
  Instant t = instant;
  int minutes = t.hour * 60 + t.minute - t.offset_minutes;
  if (t.second == 60) {
    t.second = 0;
    ++minutes;
  }
  if (minutes < 0) {
    minutes += 24 * 60;
    previous_day(t);
  } else if (minutes >= 24 * 60) {
    minutes -= 24 * 60;
    next_day(t);
  }
  if (t.year < 1 || t.year > 9999) return 0;
  std::memcpy(out, "0000-00-00T00:00:00", 19);
  put_two(out, t.year / 100);
  put_two(out + 2, t.year % 100);
  put_two(out + 5, t.month);
  put_two(out + 8, t.day);
  put_two(out + 11, minutes / 60);
  put_two(out + 14, minutes % 60);
  put_two(out + 17, t.second);
  std::size_t size = 19;
  if (t.fraction_digits != 0) {
    out[size++] = '.';
    std::memcpy(out + size, text.data() + t.fraction, t.fraction_digits);
    size += t.fraction_digits;
  }
  out[size++] = 'Z';
  return size;
}

Look look_of(std::string_view text) {
  const char first = text.front();
  if (first == 't' || first == 'f') return text == "true" || text == "false" ? Look::boolean : Look::text;
  if (!is_digit(first) && first != '-' && first != '+') return Look::text;
  if (text.size() >= 10 && text[4] == '-') {
    if (is_date(text)) return Look::date;
    Instant instant;
    if (parse_timestamp(text, instant)) return instant.has_zone ? Look::zoned_time : Look::local_time;
  }
  return look_of_number(text);
}

}  // namespace sluice::data::values
