#!/usr/bin/env python3
"""What Python's zoneinfo says of time zones, one case a line: the oracle that src/features/schedules is held to.

  offset ZONE UNIX_SECONDS OFFSET_SECONDS
  daily ZONE YYYY-MM-DD HH:MM UNIX_SECONDS [moved]

`daily` is when a rule "every day at HH:MM" runs for that local date: at the first instant that shows the time, or, when
clocks jump over it, at the instant at which they jump (moved). Dates that a zone skipped altogether are left out.

zone_cases.py offsets      all zones, 1970 to 2100
zone_cases.py changes      20 zones, the days around every change of 2026 and 2027, a time each ten minutes
zone_cases.py daily        40 zones, every day of ten years, one time a zone"""
import datetime
import random
import sys
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
TWENTY = """America/New_York America/Santiago Australia/Lord_Howe Europe/Copenhagen Europe/Dublin Africa/Casablanca Africa/Cairo
Asia/Beirut Asia/Gaza America/Havana America/Nuuk America/St_Johns America/Asuncion Pacific/Chatham Pacific/Auckland
Antarctica/Troll Australia/Sydney Europe/Chisinau Asia/Jerusalem Asia/Tokyo""".split()
FORTY = TWENTY + """Pacific/Apia America/Sao_Paulo Asia/Tehran Asia/Amman Europe/Istanbul Europe/Moscow Asia/Pyongyang
Asia/Kathmandu Africa/Khartoum Africa/Juba Africa/Sao_Tome America/Caracas America/Port-au-Prince Pacific/Fiji Pacific/Tongatapu
Pacific/Norfolk Pacific/Easter America/Scoresbysund Europe/Volgograd UTC""".split()


def seconds(instant):
    return int((instant - EPOCH).total_seconds())


def offset(zone, at):
    return int((EPOCH + datetime.timedelta(seconds=at)).astimezone(zone).utcoffset().total_seconds())


def jump_over(zone, naive):
    """The instant at which clocks jump over a local time, by halving; and whether they skip its whole date."""
    low = seconds(naive.replace(tzinfo=UTC)) - 2 * 86400
    high = low + 4 * 86400
    wall = seconds(naive.replace(tzinfo=UTC))
    while high - low > 1:  # at `low` clocks show less than the local time, at `high` more
        middle = (low + high) // 2
        if middle + offset(zone, middle) < wall:
            low = middle
        else:
            high = middle
    midnight = seconds(datetime.datetime.combine(naive.date(), datetime.time(), tzinfo=UTC))
    skips_date = low + 1 + offset(zone, low) <= midnight and high + offset(zone, high) >= midnight + 86400
    return high, skips_date


def daily(name, date, time):
    zone = zoneinfo.ZoneInfo(name)
    naive = datetime.datetime.combine(date, time)
    aware = naive.replace(tzinfo=zone, fold=0)
    if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive:
        print(f"daily {name} {date} {time:%H:%M} {seconds(aware.astimezone(UTC))}")
        return
    at, skips_date = jump_over(zone, naive)
    if not skips_date:
        print(f"daily {name} {date} {time:%H:%M} {at} moved")


def dates(first, last):
    for i in range((last - first).days):
        yield first + datetime.timedelta(days=i)


def offsets():
    chance = random.Random(1)
    for name in sorted(zoneinfo.available_timezones() - {"Factory", "localtime"}):
        zone = zoneinfo.ZoneInfo(name)
        for _ in range(100):
            at = chance.randrange(0, 4102444800)
            print(f"offset {name} {at} {offset(zone, at)}")


def changes():
    for name in TWENTY:
        zone = zoneinfo.ZoneInfo(name)
        wanted = set()
        for date in dates(datetime.date(2026, 1, 1), datetime.date(2028, 1, 1)):
            at = seconds(datetime.datetime.combine(date, datetime.time(), tzinfo=UTC))
            if offset(zone, at) != offset(zone, at + 86400):
                wanted |= {date + datetime.timedelta(days=i) for i in (-1, 0, 1)}
        for date in sorted(wanted or {datetime.date(2026, 3, 29)}):
            for minute in range(0, 1440, 10):
                daily(name, date, datetime.time(minute // 60, minute % 60))


def every_day():
    for i, name in enumerate(FORTY):
        time = [datetime.time(0, 0), datetime.time(2, 30), datetime.time(1, 30), datetime.time(23, 30)][i % 4]
        for date in dates(datetime.date(2010, 1, 1), datetime.date(2020, 1, 1)):
            daily(name, date, time)


if __name__ == "__main__":
    zoneinfo.reset_tzpath(to=["/usr/share/zoneinfo"])
    {"offsets": offsets, "changes": changes, "daily": every_day}[sys.argv[1]]()
