import { expect, it } from 'vitest';
import { ads, exportable, mail, webhook } from '../../test/mail';
import { mappableColumns } from './draft';
import { checkLimits } from './limits';
import { afterKeyChange, attributesLeft, firstRows, mandatoryNames, mappingOf, missingOf, newRow, rowProblem, rulesOf, type MapRow } from './mapping';
import { propose } from './proposals';

const columns = mappableColumns(exportable);
const row = (name: string, column: string): MapRow => ({ ...newRow(name, column), is_proposed: false });
const pairs = (rows: MapRow[]) => rows.map((r) => `${r.name}=${r.column}${r.is_proposed ? '?' : ''}`);

it('EXP-37: offers the columns of the Customer table only', () => {
  expect(columns).toEqual(['CustomerId', 'FirstName', 'LastName', 'Email', 'Mobile']);
});

it('EXP-34: proposes a column for a mandatory attribute by its name', () => {
  expect(pairs(firstRows(mail, {}, columns))).toEqual(['email=Email?']);
  expect(pairs(firstRows(mail, {}, ['Nothing']))).toEqual(['email=']);
});

it.each([
  ['first_name', 'First name', ['Given Name'], 'Given Name'],
  ['email', 'Email', ['E-mail address', 'EMail'], 'EMail'],
  ['external_id', 'External id', ['customer_id'], 'customer_id'],
  ['postal_code', 'Postal code', ['Zip'], 'Zip'],
  ['ads_birth_year', 'Year of birth', ['Email', 'DateOfBirth'], 'DateOfBirth'],
  ['email', 'Email', ['EmailOptIn'], undefined],
])('EXP-34: for %s (%s) among %j it is %s', (name, title, among, wanted) => {
  expect(propose(name, title, among)).toBe(wanted);
});

it('EXP-34: a stored mapping keeps its order', () => {
  const rows = firstRows(mail, {}, columns, { first_name: 'FirstName', email: 'Email' });
  expect(Object.keys(mappingOf(rows))).toEqual(['first_name', 'email']);
  expect(rows.some((r) => r.is_proposed)).toBe(false);
});

it('EXP-36: the key identifier decides what is mandatory', () => {
  expect(mandatoryNames(rulesOf(ads), { key_identifier: 'email' })).toEqual(['email']);
  expect(mandatoryNames(rulesOf(ads), { key_identifier: 'name' })).toEqual(['first_name', 'last_name']);
});

it('EXP-36: another key identifier takes proposals of the old one away, and keeps what a person chose', () => {
  const name = { key_identifier: 'name' };
  expect(pairs(afterKeyChange(rulesOf(ads), name, [newRow('email', 'Email')], columns))).toEqual(['first_name=FirstName?', 'last_name=LastName?']);
  expect(pairs(afterKeyChange(rulesOf(ads), name, [row('email', 'Email')], columns))).toEqual(['email=Email', 'first_name=FirstName?', 'last_name=LastName?']);
});

it('EXP-35: what is mapped is not offered again', () => {
  expect(attributesLeft(rulesOf(mail), [row('email', 'Email')]).map((a) => a.name)).toEqual(['first_name', 'phone']);
});

it('EXP-34: names what is missing', () => {
  expect(missingOf(mail, {}, [row('email', '')])).toEqual(['a column for Email']);
  expect(missingOf(mail, {}, [row('email', 'Email'), row('phone', '')])).toEqual(['a column for Phone']);
  expect(missingOf(mail, {}, [row('email', 'Email')])).toEqual([]);
});

it('EXP-38: free names must be there, be unique, and include the identifier', () => {
  const rules = rulesOf(webhook);
  expect(pairs(firstRows(webhook, {}, columns))).toEqual(['=']);
  expect(missingOf(webhook, {}, [row('mail', '')])).toEqual(['source and target in each row']);
  expect(missingOf(webhook, { identifier: 'gone' }, [row('mail', 'Email')])).toEqual(['the name that says who a row is']);
  expect(missingOf(webhook, { identifier: 'mail' }, [row('mail', 'Email')])).toEqual([]);
  const twice = [row('mail', 'Email'), row('Mail ', 'Mobile')];
  expect(rowProblem(rules, twice, twice[1]!, columns)).toMatch(/there twice/);
  expect(rowProblem(rules, [row('7', 'Email')], row('7', 'Email'), columns)).toMatch(/not only a number/);
  expect(rowProblem(rules, [], row('x'.repeat(64), 'Email'), columns)).toMatch(/63/);
});

it('EXP-37: says so when a mapped column is gone from the Customer table', () => {
  expect(rowProblem(rulesOf(mail), [], row('email', 'OldMail'), columns)).toMatch(/has no column OldMail/);
});

const segments = exportable.filter((t) => t.kind === 'segment');
const named = (...names: string[]) => segments.filter((s) => names.includes(s.name));

it('EXP-31: warns of a segment that is too large', () => {
  expect(checkLimits(ads, named('us_seniors'))).toEqual({ rows: {}, errors: [], warnings: [] });
  const found = checkLimits(ads, named('everyone'));
  expect(found.warnings).toEqual(['Everyone has 7,043 members. Example Ads takes at most 1,000; a run above that is skipped.']);
  expect(found.rows.everyone).toEqual({ is_error: false, text: 'Too large' });
});

it('EXP-31: counts all segments together where the limit is one of the export', () => {
  const type = { ...mail, limits: { most_rows: 900, counted: 'export', strict: false } };
  expect(checkLimits(type, named('us_seniors')).warnings).toEqual([]);
  expect(checkLimits(type, named('us_seniors', 'guests')).warnings).toEqual([
    'What you ticked has 932 members together. Example Mail is made for up to 900; more may take long or be refused.',
  ]);
});

it('EXP-32: refuses a segment that is too small, with the minimum', () => {
  expect(checkLimits(ads, named('guests')).errors).toEqual(['Guests has 120 members. Example Ads takes a segment of at least 300.']);
});
