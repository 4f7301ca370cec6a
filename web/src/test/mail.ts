// Connection types that take rows, as the server sends them.

import type { ConnectionType, ExportableTable, TargetAttribute } from '../api/types';
import { sftp } from './sftp';

const attribute = (name: string, title: string, more: Partial<TargetAttribute> = {}): TargetAttribute => ({
  name,
  title,
  required: false,
  as: name,
  normalise: 'trim',
  hashed: false,
  ...more,
});

export const mail: ConnectionType = {
  ...sftp,
  id: 'mail',
  title: 'Example Mail',
  payload: 'segments',
  columns: false,
  can_remove: true,
  export_fields: [{ name: 'list_id', title: 'List id', type: 'string', required: true }],
  mapping: {
    attributes: [
      attribute('email', 'Email', { required: true }),
      attribute('first_name', 'First name'),
      attribute('phone', 'Phone', { hashed: true, hint: 'With the country code.' }),
    ],
    identifier: ['email'],
    key_identifiers: [],
    free: false,
  },
};

export const ads: ConnectionType = {
  ...mail,
  id: 'ads',
  title: 'Example Ads',
  can_remove: false,
  export_fields: [
    {
      name: 'key_identifier',
      title: 'Key identifier',
      type: 'choice',
      required: true,
      default: 'email',
      choices: [
        { value: 'email', title: 'Email' },
        { value: 'name', title: 'Name and address' },
      ],
    },
    { name: 'already_hashed', title: 'Already hashed', type: 'boolean' },
  ],
  mapping: {
    attributes: [
      attribute('email', 'Email', { hashed: true }),
      attribute('first_name', 'First name', { hashed: true }),
      attribute('last_name', 'Last name', { hashed: true }),
    ],
    identifier: [],
    key_identifiers: [
      { value: 'email', title: 'Email', attributes: ['email'] },
      { value: 'name', title: 'Name and address', attributes: ['first_name', 'last_name'] },
    ],
    free: false,
  },
  limits: { most_rows: 1000, counted: 'segment', strict: true, fewest_rows: 300, duration: '100,000 members in up to 15 minutes' },
};

export const webhook: ConnectionType = {
  ...mail,
  id: 'hook',
  title: 'Example Hook',
  export_fields: [{ name: 'identifier', title: 'Rows are told apart by', type: 'attribute', required: true }],
  mapping: { attributes: [], identifier: [], key_identifiers: [], free: true },
};

const columns = ['CustomerId', 'FirstName', 'LastName', 'Email', 'Mobile'].map((name) => ({ name, type: 'text' as const }));

export const exportable: ExportableTable[] = [
  { name: 'Customer', display_name: 'Customer', kind: 'table', rows: 7043, columns },
  { name: 'Orders', display_name: 'Orders', kind: 'table', rows: 90, columns: [{ name: 'Total', type: 'decimal' }] },
  { name: 'us_seniors', display_name: 'US seniors', kind: 'segment', rows: 812, columns },
  { name: 'guests', display_name: 'Guests', kind: 'segment', rows: 120, columns },
  { name: 'everyone', display_name: 'Everyone', kind: 'segment', rows: 7043, columns },
];
