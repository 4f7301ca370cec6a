// Numbers, sizes and times in the language and the time zone of the person.

const number = new Intl.NumberFormat();
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export const formatNumber = (value: number): string => number.format(value);

export const formatDateTime = (iso: string): string => absolute.format(new Date(iso));

/** A moment as the clocks of a place show it, with the day of the week; UTC where this browser does not know the place. */
export function formatInZone(iso: string, zone: string): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;
  try {
    return new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone }).format(new Date(iso));
  } catch {
    return new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' }).format(new Date(iso));
  }
}

/** "GMT+02:00", as it is at that moment; empty where this browser does not know the place. */
export function zoneOffset(zone: string, at: number): string {
  try {
    const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at);
    return (parts.find((p) => p.type === 'timeZoneName')?.value ?? '').replace('GMT', 'UTC');
  } catch {
    return '';
  }
}

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

const kSizes = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < kSizes.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: kSizes[unit],
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: unit === 0 || size >= 100 ? 0 : 1,
  }).format(size);
}

const kSteps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** "22 minutes ago", "tomorrow"; under ten seconds "now". */
export function formatRelative(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Math.abs(seconds) < 10) return relative.format(0, 'second');
  for (const [unit, size] of kSteps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, 'second');
}

const part = (value: number, unit: 'millisecond' | 'second' | 'minute' | 'hour') =>
  new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 }).format(value);

export function formatDuration(ms: number): string {
  if (ms < 1000) return part(Math.round(ms), 'millisecond');
  const seconds = ms / 1000;
  if (seconds < 60) return part(seconds, 'second');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${part(minutes, 'minute')} ${part(Math.round(seconds % 60), 'second')}`;
  return `${part(Math.floor(minutes / 60), 'hour')} ${part(minutes % 60, 'minute')}`;
}

/** Per second. */
export const formatRate = (rows: number, ms: number): string => (rows * 1000 >= ms * 100 ? number.format(Math.round((rows * 1000) / ms)) : oneDigit.format((rows * 1000) / ms));

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((w) => w?.[0] ?? '').join('').toUpperCase();
}

/** First letter as a capital: for a choice value shown without a title of its own. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const words = (snake: string): string => capital(snake.replaceAll('_', ' '));
