import { screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, it } from 'vitest';
import type { Field } from '../api/types';
import { initialValues, type Values } from '../lib/fields';
import { renderPage } from '../test/render';
import { FieldForm } from './field-form';

const fields: Field[] = [
  { name: 'host', title: 'Host', type: 'host', required: true, prefix: 'sftp://', placeholder: 'example.com', hint: 'No path.' },
  { name: 'port', title: 'Port', type: 'port', required: true, default: 22 },
  {
    name: 'auth',
    title: 'Sign in with',
    type: 'choice',
    required: true,
    default: 'password',
    choices: [
      { value: 'password', title: 'Password' },
      { value: 'key', title: 'Private key' },
    ],
  },
  { name: 'password', title: 'Password', type: 'secret', required: true, secret: true, when: { field: 'auth', equals: ['password'] } },
  { name: 'key', title: 'Private key', type: 'secret_text', required: true, secret: true, when: { field: 'auth', equals: ['key'] } },
  { name: 'region', title: 'Region', type: 'string', fixed_after_create: true },
  { name: 'strict', title: 'Strict', type: 'boolean' },
];

function Form(props: Partial<Parameters<typeof FieldForm>[0]> & { onValues?: (v: Values) => void }) {
  const [values, setValues] = useState<Values>(props.values ?? initialValues(fields));
  return (
    <FieldForm
      fields={fields}
      {...props}
      values={values}
      onChange={(next) => {
        setValues(next);
        props.onValues?.(next);
      }}
    />
  );
}

it('draws each field with its label, prefix, placeholder, hint and default', () => {
  renderPage(<Form />);
  expect(screen.getByRole('textbox', { name: 'Host' })).toHaveAttribute('placeholder', 'example.com');
  expect(screen.getByText('sftp://')).toBeVisible();
  expect(screen.getByText('No path.')).toBeVisible();
  expect(screen.getByRole('textbox', { name: 'Port' })).toHaveValue('22');
  expect(screen.getByRole('radio', { name: 'Password' })).toBeChecked();
  expect(screen.getByRole('switch', { name: 'Strict' })).not.toBeChecked();
});

it('takes a pasted scheme off that the prefix shows already', async () => {
  const { user } = renderPage(<Form />);
  await user.click(screen.getByRole('textbox', { name: 'Host' }));
  await user.paste('SFTP://files.example.net');
  expect(screen.getByRole('textbox', { name: 'Host' })).toHaveValue('files.example.net');
});

it('complains about a field after it was left, not before', async () => {
  const { user } = renderPage(<Form />);
  expect(screen.queryByText('Host is required.')).not.toBeInTheDocument();
  await user.click(screen.getByRole('textbox', { name: 'Host' }));
  await user.tab();
  expect(screen.getByText('Host is required.')).toBeVisible();
});

it('shows the fields of the chosen way only', async () => {
  const { user } = renderPage(<Form />);
  expect(screen.getByLabelText(/^Password/, { selector: 'input[type=password]' })).toBeVisible();
  await user.click(screen.getByRole('radio', { name: 'Private key' }));
  expect(screen.queryByLabelText(/^Password/, { selector: 'input[type=password]' })).not.toBeInTheDocument();
  expect(screen.getByRole('textbox', { name: 'Private key' })).toBeVisible();
});

it('reveals what was typed', async () => {
  const { user } = renderPage(<Form />);
  const box = screen.getByLabelText(/^Password/, { selector: 'input[type=password]' });
  await user.type(box, 's3cret');
  await user.click(screen.getByRole('button', { name: /Show what you typed/ }));
  expect(box).toHaveAttribute('type', 'text');
});

it('hides a stored secret until it is to be replaced, and lets the person keep it after all', async () => {
  const seen: Values[] = [];
  const { user } = renderPage(<Form stored_secrets={new Set(['password'])} onValues={(v) => seen.push(v)} />);
  await user.click(screen.getByRole('button', { name: 'Hidden value. Click here to change' }));
  await user.type(screen.getByLabelText(/^Password/, { selector: 'input[type=password]' }), 'new');
  expect(seen.at(-1)?.password).toBe('new');
  await user.click(screen.getByRole('button', { name: 'Keep the stored value' }));
  expect(seen.at(-1)?.password).toBeUndefined();
  expect(screen.getByRole('button', { name: 'Hidden value. Click here to change' })).toBeVisible();
});

it('shows the errors of the server at their fields', () => {
  renderPage(<Form errors={{ host: 'This host is not allowed.' }} />);
  expect(screen.getByText('This host is not allowed.')).toBeVisible();
  expect(screen.getByRole('textbox', { name: 'Host' })).toHaveAttribute('aria-invalid', 'true');
});

it('makes fields grey that cannot change after creation', () => {
  renderPage(<Form editing />);
  expect(screen.getByRole('textbox', { name: 'Region' })).toBeDisabled();
  expect(screen.getByRole('textbox', { name: 'Host' })).toBeEnabled();
});

it('CON-43: a field for an address says what is wrong with it', async () => {
  const { user } = renderPage(<Form fields={[{ name: 'url', title: 'Address', type: 'url', required: true }]} values={{}} />);
  await user.type(screen.getByRole('textbox', { name: 'Address' }), 'a.example');
  await user.tab();
  expect(screen.getByText(/Enter a complete address/)).toBeVisible();
});

it('EXP-38: a field that names an attribute offers those that are mapped', async () => {
  const seen: Values[] = [];
  const one: Field[] = [{ name: 'identifier', title: 'Told apart by', type: 'attribute', required: true }];
  const { user } = renderPage(<Form fields={one} values={{}} attributes={[{ value: 'id', title: 'id' }]} onValues={(v) => seen.push(v)} />);
  await user.click(screen.getByRole('combobox', { name: 'Told apart by' }));
  await user.click(await screen.findByRole('option', { name: 'id' }));
  expect(seen.at(-1)).toEqual({ identifier: 'id' });
});

it('EXP-38: and is grey while nothing is mapped', () => {
  renderPage(<Form fields={[{ name: 'identifier', title: 'Told apart by', type: 'attribute' }]} values={{}} />);
  expect(screen.getByRole('combobox', { name: 'Told apart by' })).toBeDisabled();
});
