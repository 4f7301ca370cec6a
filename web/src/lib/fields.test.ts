import { describe, expect, it } from 'vitest';
import type { Field } from '../api/types';
import { checkAll, checkValue, initialValues, secretsOf, settingsOf, visibleFields } from './fields';

const field = (name: string, type: Field['type'], more: Partial<Field> = {}): Field => ({ name, type, title: name, required: true, ...more });

const fields: Field[] = [
  field('host', 'host'),
  field('port', 'port', { default: 22 }),
  field('auth', 'choice', { default: 'password', choices: [{ value: 'password', title: 'Password' }, { value: 'key', title: 'Key' }] }),
  field('password', 'secret', { secret: true, when: { field: 'auth', equals: ['password'] } }),
  field('key', 'secret_text', { secret: true, when: { field: 'auth', equals: ['key'] } }),
  field('passphrase', 'secret', { required: false, when: { field: 'key', equals: ['x'] } }),
  field('strict', 'boolean', { required: false }),
  field('reason', 'string', { when: { field: 'strict', equals: ['true'] } }),
];
const names = (list: Field[]) => list.map((f) => f.name);
const none = new Set<string>();

describe('which fields show', () => {
  it('follows the choice', () => {
    expect(names(visibleFields(fields, { auth: 'password' }))).toContain('password');
    expect(names(visibleFields(fields, { auth: 'key' }))).not.toContain('password');
  });
  it('falls back to the default of the deciding field', () => {
    expect(names(visibleFields(fields, {}))).toContain('password');
  });
  it('hides what depends on a hidden field', () => {
    expect(names(visibleFields(fields, { auth: 'password', key: 'x' }))).not.toContain('passphrase');
  });
  it('compares a switch with its value as text', () => {
    expect(names(visibleFields(fields, { strict: true }))).toContain('reason');
    expect(names(visibleFields(fields, { strict: false }))).not.toContain('reason');
  });
});

it('starts with what is stored, else with the defaults, and never with a secret', () => {
  expect(initialValues(fields, { host: 'a.example', port: null, password: 'leaked' })).toEqual({
    host: 'a.example',
    port: 22,
    auth: 'password',
    strict: false,
  });
});

describe('what is wrong with a value', () => {
  it.each([
    ['an empty required field', field('x', 'string'), '  ', /required/],
    ['a port that is no number', field('x', 'port'), 'ssh', /whole number/],
    ['a port out of range', field('x', 'port'), '70000', /1 to 65535/],
    ['a number below its minimum', field('x', 'integer', { min: 3 }), 2, /3 or more/],
    ['an address without a scheme', field('x', 'url'), 'a.example/hook', /complete address/],
    ['an address of another kind', field('x', 'url'), 'ftp://a.example/', /complete address/],
    ['an address with a user', field('x', 'url'), 'https://me:pw@a.example/', /user name and password/],
    ['an address with a query', field('x', 'url'), 'https://a.example/hook?key=1', /\? or #/],
    ['a host with a scheme', field('x', 'host'), 'https://a.example', /without https/],
  ])('%s', (_, f, value, message) => {
    expect(checkValue(f, value)).toMatch(message);
  });

  it('accepts what is right, and an empty field that may be empty', () => {
    expect(checkValue(field('x', 'port'), '22')).toBeUndefined();
    expect(checkValue(field('x', 'url'), ' http://127.0.0.1:8080/hook ')).toBeUndefined();
    expect(checkValue(field('x', 'string', { required: false }), undefined)).toBeUndefined();
  });

  it('does not ask for a secret that is stored, nor for fields that do not show', () => {
    expect(checkAll(fields, { host: 'a', port: 22, auth: 'password' }, new Set(['password']))).toEqual({});
    expect(Object.keys(checkAll(fields, { host: 'a', port: 22, auth: 'key' }, none))).toEqual(['key']);
  });
});

describe('what is sent', () => {
  it('has numbers as numbers, trimmed text, and neither secrets nor hidden fields', () => {
    const values = { host: ' a.example ', port: '2222', auth: 'key', key: 'PRIVATE', reason: 'hidden', strict: false };
    expect(settingsOf(fields, values)).toEqual({ host: 'a.example', port: 2222, auth: 'key', strict: false });
  });

  it('sets typed secrets, keeps untouched ones, clears those that no longer belong', () => {
    const stored = new Set(['password']);
    expect(secretsOf(fields, { auth: 'password', password: 'new' }, stored)).toEqual({ password: { set: 'new' } });
    expect(secretsOf(fields, { auth: 'password' }, stored)).toEqual({ password: { keep: true } });
    expect(secretsOf(fields, { auth: 'key', key: 'K' }, stored)).toEqual({ password: null, key: { set: 'K' } });
    expect(secretsOf(fields, { auth: 'password' }, none)).toEqual({});
  });
});
