/** A path of this app taken from an address, or null: never a way out to another site. */
export function insidePath(path: string | null): string | null {
  if (!path || !path.startsWith('/') || path.startsWith('//') || path.includes('\\')) return null;
  return path;
}
