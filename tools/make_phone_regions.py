#!/usr/bin/env python3
"""Writes src/data/phone_regions.inc and src/data/phone_examples.inc: what phone.cc must know of each country's numbers, and known answers
for its test. The facts are those of libphonenumber's metadata (Apache-2.0), as Debian's python3-phonenumbers carries it; run again
when a newer one is at hand, and raise kNormaliserVersion if an answer changed."""
import pathlib
import random
import re

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

# Where people dial more than the metadata's national prefix says.
TRUNKS = {"BY": "80"}
# Local mobile numbers that no rule by length can read: Argentina writes a 15 in the middle that E.164 moves to the front as a 9.
UNREADABLE = {("AR", phonenumbers.PhoneNumberType.MOBILE)}
OUT = pathlib.Path(__file__).resolve().parent.parent / "src" / "data"


def can_begin(general, start):
    """Whether some number of the country begins with these digits: many are tried, the same ones each time."""
    pattern = re.compile(general.national_number_pattern)
    dice = random.Random(1)
    for length in general.possible_length:
        rest = length - len(start)
        if rest < 0:
            continue
        for head in range(10 ** min(rest, 3)):
            for _ in range(8):
                tail = "".join(dice.choice("0123456789") for _ in range(rest - min(rest, 3)))
                number = start + (str(head).zfill(min(rest, 3)) if rest else "") + tail
                if pattern.fullmatch(number):
                    return True
    return False


def international_prefix(meta):
    preferred = (meta.preferred_international_prefix or "").replace("~", "")
    if preferred.isdigit():
        return preferred
    plain = meta.international_prefix or ""
    return plain if plain.isdigit() else "00"


def region_line(code, meta):
    mask = sum(1 << length for length in meta.general_desc.possible_length if length > 0)
    trunk = TRUNKS.get(code, meta.national_prefix or "")
    zeros = can_begin(meta.general_desc, "0")
    ambiguous = bool(trunk) and code not in TRUNKS and can_begin(meta.general_desc, trunk)
    main = code == "001" or phonenumbers.region_code_for_country_code(meta.country_code) == code
    flags = ", ".join(str(flag).lower() for flag in (zeros, ambiguous, main))
    return f'{{"{code}", {meta.country_code}, "{trunk}", "{international_prefix(meta)}", {mask:#x}, {flags}}},'


def example_lines(code):
    seen = set()
    for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
        number = phonenumbers.example_number_for_type(code, kind)
        if number is None or (code, kind) in UNREADABLE:
            continue
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        if e164 in seen or len(e164) < 8:
            continue
        seen.add(e164)
        yield f'{{"{code}", "{national}", "{international}", "{e164}"}},'


def main():
    lines, examples = [], []
    for code in sorted(phonenumbers.SUPPORTED_REGIONS):
        lines.append(region_line(code, PhoneMetadata.metadata_for_region(code)))
        examples += example_lines(code)
    for calling_code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        lines.append(region_line("001", PhoneMetadata.metadata_for_nongeo_region(calling_code)))
    head = f"// Made by tools/make_phone_regions.py from libphonenumber {phonenumbers.__version__} (Apache-2.0). clang-format off\n"
    (OUT / "phone_regions.inc").write_text(head + "\n".join(lines) + "\n")
    (OUT / "phone_examples.inc").write_text(head + "\n".join(examples) + "\n")


if __name__ == "__main__":
    main()
