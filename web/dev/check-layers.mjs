// Keeps the folders of src in their order: shared (api, lib, components) -> features -> app, and no feature into another.
// The features are read from the disk, so a new one needs no entry here.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const src = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'src');
const kLines = 200;

const files = readdirSync(src, { recursive: true }).filter((f) => /\.tsx?$/.test(f)).map((f) => f.split(path.sep).join('/'));
const partOf = (file) => (file.startsWith('features/') ? file.split('/').slice(0, 2).join('/') : file.split('/')[0]);

function mayImport(from, to) {
  if (from === to || to === 'test' || from === 'test' || from === 'main.tsx') return true;
  if (to.startsWith('features/')) return from === 'app';
  if (to === 'app') return false;
  if (from === 'lib') return to === 'api';
  return true;
}

const complaints = [];
for (const file of files) {
  const text = readFileSync(path.join(src, file), 'utf8');
  const isTest = /\.test\.tsx?$/.test(file);
  const lines = text.split('\n').length;
  if (lines > kLines && !isTest && !file.endsWith('texts.ts') && file !== 'api/types.ts') complaints.push(`${file}: ${lines} lines, at most ${kLines}`);
  for (const [, target] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
    const to = path.posix.join(path.posix.dirname(file), target);
    if (!isTest && !mayImport(partOf(file), partOf(to))) complaints.push(`${file}: must not import ${to}`);
  }
}

for (const complaint of complaints) console.error(complaint);
console.log(`${files.length} files, ${complaints.length} complaints`);
process.exitCode = complaints.length === 0 ? 0 : 1;
