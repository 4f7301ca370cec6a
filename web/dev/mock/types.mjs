// Connection types of the scenario, in the shape of GET /connection-types.

const consent = (target) => ({
  version: 1,
  target,
  text: `By going on you agree that data of this environment is sent to ${target}. There it is governed by the rules of that place, not by those of this environment. Check that this is allowed for the data you are about to send.`,
});

const svg = (body, tint) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="${tint}"/>${body}</svg>`;

export const icons = {
  sftp: svg('<path d="M8 11h16v12H8zM8 11l3-3h6l2 3M16 20v-6m-3 3 3-3 3 3" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>', '#4a5fc1'),
  folder: svg('<path d="M6 10h8l2 3h10v11H6z" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/>', '#b8860b'),
  bucket: svg('<path d="M8 10h16l-2 14H10zM8 10c0-3 16-3 16 0" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/>', '#2e7d5b'),
  mail: svg('<path d="M6 10h20v13H6zM6 11l10 7 10-7" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/>', '#b1446b'),
  location: svg('<path d="M16 25s7-6 7-11a7 7 0 0 0-14 0c0 5 7 11 7 11z" fill="none" stroke="#fff" stroke-width="2"/><circle cx="16" cy="14" r="2" fill="#fff"/>', '#00796b'),
};

const csvFields = [
  { name: 'compression', title: 'Compression', type: 'choice', required: true, default: 'gzip', choices: [{ value: 'gzip', title: 'Gzipped' }, { value: 'none', title: 'Unzipped' }] },
  { name: 'delimiter', title: 'Field delimiter', type: 'choice', required: true, default: ',', choices: [{ value: ',', title: 'Comma ,' }, { value: ';', title: 'Semicolon ;' }, { value: '\t', title: 'Tab' }, { value: '|', title: 'Pipe |' }] },
];

const base = { enabled: true, disabled_reason: null, vault: false, sharing_fixed: false, columns: true, limits: { files_per_table: 5 }, payload: 'tables', status: 'stable' };

export const types = [
  {
    ...base,
    id: 'sftp',
    title: 'Secure File Transfer (SFTP)',
    subtitle: 'Export destination',
    summary: 'Sends tables and segments as CSV files to a server that you or a partner run. Files appear under their final name only when they are complete.',
    category: 'export_destination',
    serves: ['export'],
    verify: 'required',
    vault: true,
    consent: consent('the SFTP server you name'),
    fields: [
      { name: 'host', title: 'Host', type: 'host', required: true, target: true, prefix: 'sftp://', placeholder: 'example.com', hint: 'Name or address of the server, without a path.' },
      { name: 'port', title: 'Port', type: 'port', required: true, target: true, default: 22, min: 1, max: 65535 },
      { name: 'username', title: 'User name', type: 'string', required: true },
      { name: 'auth', title: 'Sign in with', type: 'choice', required: true, default: 'password', choices: [{ value: 'password', title: 'Password' }, { value: 'key', title: 'Private key' }] },
      { name: 'password', title: 'Password', type: 'secret', required: true, secret: true, when: { field: 'auth', equals: ['password'] } },
      { name: 'private_key', title: 'Private key', type: 'secret_text', required: true, secret: true, when: { field: 'auth', equals: ['key'] }, placeholder: '-----BEGIN OPENSSH PRIVATE KEY-----', hint: 'OpenSSH or PEM format.' },
      { name: 'folder', title: 'Folder', type: 'path', placeholder: 'export/folder/path', hint: 'Empty means the folder the server shows after sign-in.' },
      { name: 'host_key', title: 'Host key', type: 'fingerprint', placeholder: 'SHA256:…', hint: 'Verify shows the key of the server, so that you can pin it.' },
    ],
    export_fields: csvFields,
    help: '/help/sftp',
    help_markdown: `# Secure File Transfer (SFTP)\n\nSends **tables** and **segments** as CSV files to an SFTP server.\n\n## Before you start\n\n- An account on the server, with a password or a private key\n- The right to write into one folder\n- The *fingerprint* of the server's host key, to compare\n\n## Set up the connection\n\n1. Open **Admin > Connections** and select **Set up**.\n2. Enter host, port and user name.\n3. Select **Verify**, compare the fingerprint, and pin it.\n\n\`\`\`\nssh-keyscan -t ed25519 files.example.net | ssh-keygen -lf -\n\`\`\`\n\n| Setting | Meaning |\n|---|---|\n| Folder | where the files go |\n| Compression | \`gzip\` or none |\n\nSee the [format of CSV files](https://www.rfc-editor.org/rfc/rfc4180).`,
  },
  {
    ...base,
    id: 'folder',
    title: 'Folder on this server',
    subtitle: 'Export destination',
    summary: 'Writes CSV files and a model.json below a folder of the server that runs this environment. Good for a first try, and for a share that is mounted there.',
    category: 'export_destination',
    serves: ['export'],
    verify: 'optional',
    consent: consent('a folder of this server'),
    fields: [{ name: 'folder', title: 'Folder', type: 'path', required: true, target: true, placeholder: 'partners/agency', hint: 'Below the export folder of the server; it is created when it is missing.' }],
    export_fields: csvFields,
    help: '/help/folder',
    help_markdown: '# Folder on this server\n\nWrites files below the data folder of the server.',
  },
  {
    ...base,
    id: 'bucket',
    title: 'Object storage with an interface that is compatible with S3',
    subtitle: 'Export destination',
    summary: 'Writes partitioned CSV files into a bucket.',
    category: 'export_destination',
    serves: ['export'],
    status: 'preview',
    enabled: false,
    disabled_reason: 'The operator of this server has switched this type off.',
    verify: 'optional',
    consent: consent('the bucket you name'),
    fields: [{ name: 'bucket', title: 'Bucket', type: 'string', required: true, target: true }],
    export_fields: csvFields,
    help: '/help/bucket',
    help_markdown: '# Object storage\n\nNot available here.',
  },
  {
    ...base,
    id: 'mail',
    title: 'Example Mail',
    subtitle: 'Marketing automation',
    summary: 'Adds the members of a segment to a mailing list, and takes those away who have left the segment.',
    category: 'marketing_automation',
    serves: ['export'],
    verify: 'none',
    payload: 'segments',
    columns: false,
    consent: consent('Example Mail'),
    fields: [
      { name: 'account_host', title: 'Account host', type: 'host', required: true, target: true, placeholder: 'eu1.mail.example' },
      { name: 'api_key', title: 'API key', type: 'secret', required: true, secret: true },
    ],
    export_fields: [{ name: 'list_id', title: 'List id', type: 'string', required: true }],
    help: '/help/mail',
    help_markdown: '# Example Mail\n\nAdds people to a list.',
  },
  {
    ...base,
    id: 'location',
    title: 'Location',
    subtitle: 'Provided by Example Maps',
    summary: 'Adds coordinates and a corrected address to each customer.',
    category: 'custom_data',
    serves: ['enrichment'],
    status: 'preview',
    verify: 'required',
    sharing_fixed: true,
    consent: consent('Example Maps'),
    fields: [{ name: 'api_key', title: 'API key', type: 'secret', required: true, secret: true }],
    export_fields: [],
    help: '/help/location',
    help_markdown: '# Location\n\nAdds coordinates.',
  },
].map((type) => ({ ...type, icon: `/api/v1/connection-types/${type.id}/icon` }));
