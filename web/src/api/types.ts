// The shapes of the REST contract under /api/v1. Property names are the wire names.
// Written by hand until they are generated from the server's OpenAPI document.

export type Role = 'administrator' | 'contributor' | 'viewer';

export type Permission =
  | 'view'
  | 'connections_manage'
  | 'exports_edit'
  | 'tables_edit'
  | 'segments_edit'
  | 'users_manage'
  | 'system_manage'
  | 'audit_view';

export interface User {
  id: string;
  display_name: string;
}

export interface Session {
  user: { id: string; email: string; display_name: string; role: Role };
  csrf: string;
  permissions: Permission[];
  environment: { id: string; display_name: string };
  version: string;
}

export interface ListPage<T> {
  items: T[];
  next_cursor: string | null;
  total?: number;
}

// ---- connection types -------------------------------------------------------------------------------------------

export type FieldType =
  | 'string'
  | 'text'
  | 'host'
  | 'port'
  | 'integer'
  | 'boolean'
  | 'choice'
  | 'path'
  | 'fingerprint'
  | 'secret'
  | 'secret_text'
  | 'url'
  | 'attribute';

export type FieldValue = string | number | boolean;

export interface Field {
  name: string;
  title: string;
  type: FieldType;
  required?: boolean;
  secret?: boolean;
  target?: boolean;
  placeholder?: string;
  hint?: string;
  prefix?: string;
  default?: FieldValue | null;
  choices?: { value: FieldValue; title: string }[];
  min?: number | null;
  max?: number | null;
  when?: { field: string; equals: FieldValue[] } | null;
  fixed_after_create?: boolean;
}

export type ConnectionKind = 'export' | 'enrichment';

/** What a row of a segment is made of at the service. */
export interface TargetAttribute {
  name: string;
  title: string;
  required: boolean;
  /** Its name on the wire. */
  as: string;
  normalise: string;
  /** It leaves only as SHA-256. */
  hashed: boolean;
  hint?: string | null;
}

export interface MappingRules {
  attributes: TargetAttribute[];
  identifier: string[];
  /** The person chooses one in the setting `key_identifier`; its attributes become mandatory. */
  key_identifiers: { value: string; title: string; attributes: string[] }[];
  /** Any target name; the setting `identifier` says which one tells who a row is. */
  free: boolean;
}

export interface RowLimits {
  most_rows?: number | null;
  /** Of what `most_rows` is a limit: of each segment, or of all of an export together. */
  counted?: string;
  /** A run above it is skipped; otherwise it is advice. */
  strict?: boolean;
  fewest_rows?: number | null;
  duration?: string | null;
}

export interface ConnectionType {
  id: string;
  title: string;
  subtitle: string;
  summary: string;
  category: string;
  serves: ConnectionKind[];
  status: 'stable' | 'preview';
  icon: string;
  help: string;
  help_markdown: string;
  enabled: boolean;
  disabled_reason: string | null;
  /** From a folder of the operator. */
  community?: boolean;
  connections?: number;
  verify: 'required' | 'optional' | 'none';
  vault: boolean;
  payload: 'tables' | 'segments';
  fields: Field[];
  export_fields: Field[];
  sharing_fixed: boolean;
  consent: { version: number; target: string; text: string };
  columns: boolean;
  /** Rows can be taken away again. */
  can_remove?: boolean;
  mapping?: MappingRules;
  limits?: RowLimits;
}

// ---- connections ------------------------------------------------------------------------------------------------

export interface VerificationStep {
  name: string;
  title: string;
  state: 'passed' | 'failed' | 'skipped';
  duration_ms: number;
  detail: string;
  advice?: string;
  proposal?: { field: string; value: FieldValue; title: string };
}

export interface Verification {
  result: 'passed' | 'failed' | 'not_tested';
  at: string;
  token?: string;
  duration_ms: number;
  steps: VerificationStep[];
}

export type Health = 'ok' | 'not_verified' | 'failing' | 'secret_unreachable';
export type SharedWith = 'administrators' | 'contributors';

export interface Connection {
  id: string;
  type: string;
  type_title: string;
  serves: ConnectionKind[];
  display_name: string;
  settings: Record<string, FieldValue | null>;
  secrets: Record<string, { is_set: boolean; source?: string; set_at?: string }>;
  sharing: { with: SharedWith };
  consent: { agreed_by: User; agreed_at: string; statement_version: number } | null;
  health: Health;
  verification: Verification | null;
  dependants: { exports: number; enrichments: number };
  version: number;
  created_at: string;
  created_by: User;
  updated_at: string;
  updated_by: User;
  can: string[];
}

export type SecretChange = { set: string } | { keep: true } | null;

export interface ConnectionDraft {
  type: string;
  display_name: string;
  settings: Record<string, FieldValue>;
  secrets: Record<string, SecretChange>;
  sharing: { with: SharedWith };
  consent?: { agreed: true; statement_version: number };
  verification_token?: string;
}

export type ConnectionPatch = Partial<Omit<ConnectionDraft, 'type'>>;

export interface Dependant {
  id: string;
  display_name: string;
  state: 'active' | 'inactive';
  owner: User;
  blocks: boolean;
}

export interface Dependants {
  exports: Dependant[];
  enrichments: Dependant[];
}

export interface UsableConnection {
  id: string;
  display_name: string;
  type: string;
  type_title: string;
}

// ---- uploads, tables, segments ----------------------------------------------------------------------------------

export type ColumnType = 'text' | 'integer' | 'decimal' | 'boolean' | 'date' | 'timestamp';

export interface DetectedColumn {
  name: string;
  type: ColumnType;
  examples: string[];
  nullable: boolean;
  empty_count: number;
}

export interface Detected {
  encoding: string;
  has_bom: boolean;
  delimiter: string;
  has_header: boolean;
  line_ending?: string;
  columns: DetectedColumn[];
  preview: (string | null)[][];
  sampled_rows: number;
  key_candidates: string[];
  warnings: (string | { detail: string })[];
}

export interface Upload {
  id: string;
  filename: string;
  bytes: number;
  created_at: string;
  expires_at: string;
  detected: Detected;
}

export interface DetectOptions {
  encoding?: string;
  delimiter?: string;
  has_header?: boolean;
}

export interface Column {
  name: string;
  type: ColumnType;
  nulls?: number;
  key?: boolean;
}

export interface Table {
  id: string;
  name: string;
  kind: 'table';
  source: { kind: string; filename?: string };
  /** From where the system refresh reads it again; the path is told to administrators only. */
  refresh?: { path: string } | null;
  key: string | null;
  rows: number | null;
  columns: Column[];
  state: 'importing' | 'ready' | 'failed';
  is_customer_table: boolean;
  last_run: RunBrief | null;
  error: { reason: string; detail: string } | null;
  updated_at: string;
  created_at: string;
  created_by: User;
  version: number;
  can: string[];
}

/** A folder of the Common Data Model, as its model.json tells of it. */
export interface Model {
  name: string;
  entities: ModelEntity[];
}

export interface ModelEntity {
  name: string;
  not_importable: string | null;
  columns: { source: string; name: string; type: ColumnType; included: boolean }[];
  partitions: { location: string }[];
  delimiter: string;
  has_header: boolean;
}

export interface TableDraft {
  name: string;
  upload_ids: string[];
  kind: 'csv' | 'model_json';
  key: string;
  encoding: string;
  delimiter: string;
  has_header: boolean;
  columns: { source: string; name: string; type: ColumnType; included: boolean }[];
  replace?: boolean;
}

export interface Rows {
  columns: string[];
  rows: (string | null)[][];
}

export type Match = 'all' | 'any';

export interface Condition {
  column: string;
  operator: string;
  value?: string | number | boolean;
  values?: (string | number)[];
}

export interface RuleGroup {
  match: Match;
  conditions: Condition[];
}

export interface Rule {
  match: Match;
  conditions: (Condition | RuleGroup)[];
}

export interface Segment {
  id: string;
  name: string;
  display_name: string;
  kind: 'rule' | 'list';
  rule: Rule | null;
  state: 'active' | 'inactive';
  status: 'ready' | 'failed';
  members: number | null;
  refreshed_at: string | null;
  exports: number;
  created_at: string;
  created_by: User;
  updated_at: string;
  version: number;
  can: string[];
}

export type SegmentDraft =
  | { display_name: string; name?: string; kind: 'rule'; rule: Rule }
  | { display_name: string; name?: string; kind: 'list'; upload_id: string; column: string };

export interface SegmentPreview {
  members: number;
  total: number;
  sample: Rows;
}

export interface ExportableTable {
  name: string;
  display_name: string;
  kind: 'table' | 'segment';
  rows: number | null;
  columns: { name: string; type: ColumnType }[];
}

// ---- schedules --------------------------------------------------------------------------------------------------

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

export type Recurrence = 'interval' | 'daily' | 'weekly' | 'monthly' | 'cron';

/** When something starts by itself. What a recurrence does not use is absent. */
export interface ScheduleRule {
  recurrence: Recurrence;
  every?: number;
  unit?: 'minutes' | 'hours';
  weekdays?: Weekday[];
  month_days?: number[];
  /** Local times of the zone, "06:30". */
  times?: string[];
  cron?: string;
  time_zone: string;
}

export interface SchedulePreview {
  words: string[];
  next: string[];
}

export type ScheduleKind = 'system' | 'own' | 'off';

export interface ExportSchedule {
  kind: ScheduleKind;
  rule: ScheduleRule | null;
  summary: string;
  next_at: string | null;
}

/** An absent rule leaves the stored one as it is. */
export interface ExportScheduleDraft {
  kind: ScheduleKind;
  rule?: ScheduleRule;
}

export interface SystemSchedule {
  is_on: boolean;
  rule: ScheduleRule | null;
  words: string[];
  next: string[];
  own_schedules: number;
  missed: { due_at: string; reason: string }[];
  version: number;
  can: string[];
}

export interface Reason {
  reason: string;
  detail: string;
}

/** What became of one item of an action on several. */
export interface BatchItem {
  id: string;
  display_name: string;
  ok: boolean;
  error: Reason | null;
  run_id?: string;
}

export interface BatchResult {
  items: BatchItem[];
  succeeded: number;
  failed: number;
}

// ---- exports ----------------------------------------------------------------------------------------------------

/** Everyone each time, only what is new or changed, or that and removals. */
export type Mode = 'full' | 'incremental' | 'mirror';

export interface Export {
  id: string;
  display_name: string;
  connection: UsableConnection | null;
  type: string;
  type_title: string;
  state: 'active' | 'inactive';
  tables: string[];
  columns: Record<string, string[]>;
  settings: Record<string, FieldValue | null>;
  /** Target name -> column of the Customer table, in the order chosen; empty where whole tables go. */
  mapping?: Record<string, string>;
  mode: Mode;
  schedule: ExportSchedule;
  guard?: Guard;
  last_run: RunBrief | null;
  refreshed_at: string | null;
  needs_attention: { reason: string; detail: string }[];
  version: number;
  created_at: string;
  created_by: User;
  updated_at: string;
  can: string[];
}

/** What stops a run until an administrator approves it; null: not guarded. */
export interface Guard {
  max_decrease_percent: number | null;
  first_run_rows: number | null;
}

export interface ExportDraft {
  display_name: string;
  connection_id: string;
  tables: string[];
  columns: Record<string, string[]>;
  settings: Record<string, FieldValue>;
  mapping?: Record<string, string>;
  mode?: Mode;
  guard?: Guard;
}

/** Of the rows of a segment, against what was delivered before. */
export interface RowCounts {
  rows_read: number;
  added: number;
  changed: number;
  /** Refused or unanswered before. */
  owed: number;
  unchanged: number;
  removed: number;
  omitted: number;
  invalid?: number;
  duplicates: number;
  /** In this mode, by this run. */
  to_send: number;
}

/** What a run would deliver. */
export interface DryRun {
  tables: {
    name: string;
    /** refused: the service does not take it; the detail says why. */
    state: 'ok' | 'empty' | 'missing' | 'refused';
    detail: string;
    rows: number;
    columns: string[];
    files: string[];
    /** Of the first file, or the first request. */
    first_bytes: string;
    /** Null for files. */
    counts?: RowCounts | null;
    omitted_reasons?: (Reason & { rows: number })[];
  }[];
  rows: number;
  needs_approval: { reason: string; detail: string } | null;
}

// ---- runs -------------------------------------------------------------------------------------------------------

export type RunState =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'completed_with_warnings'
  | 'completed_with_errors'
  | 'retrying'
  | 'failed'
  | 'skipped'
  | 'canceled'
  | 'needs_approval';

export interface RunBrief {
  id: string;
  state: RunState;
  started_at: string | null;
  ended_at: string | null;
}

export interface RunCounts {
  rows_read: number;
  rows_sent: number;
  rows_unchanged: number;
  rows_omitted: number;
  rows_rejected: number;
  rows_removed: number;
  bytes: number;
  files: number;
}

export interface RunTable {
  name: string;
  state: RunState;
  rows_read: number;
  rows_sent: number;
  rows_unchanged?: number;
  rows_omitted?: number;
  rows_rejected?: number;
  rows_removed?: number;
  bytes: number;
  files: number;
  expected_rows: number | null;
  error: string | null;
}

export type RunKind = 'export' | 'import' | 'segment';

export type RunTrigger = 'manual' | 'schedule' | 'system_refresh' | 'resend';

/** Another run that this one has to do with. */
export interface RunRef {
  id: string;
  display_name: string;
  kind: RunKind;
}

export interface Run {
  id: string;
  kind: RunKind;
  subject: { id: string; display_name: string };
  connection: { id: string; display_name: string; type: string } | null;
  state: RunState;
  trigger: RunTrigger;
  requested_by: User | null;
  job_id?: string | null;
  attempt?: number;
  max_attempts?: number;
  /** While it waits to be tried again. */
  retry_at?: string | null;
  /** While it runs: the service asked to be left alone until then. */
  waiting_until?: string | null;
  is_canceling?: boolean;
  waits_for?: RunRef[];
  skipped_because?: RunRef | null;
  warnings?: Reason[];
  approval?: (Reason & { numbers: Record<string, number> }) | null;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  duration_ms: number | null;
  counts: RunCounts;
  tables: RunTable[];
  expected_rows: number | null;
  error: { reason: string; detail: string } | null;
  files?: { path: string; rows: number; bytes: number }[];
  defined_by?: User;
  version: number;
  can: string[];
}

/** A call of a run to the service; secrets are masked. */
export interface RequestRecord {
  at: string;
  method: string;
  url: string;
  /** 0: no answer. */
  status: number;
  duration_ms: number;
  rows: number;
  request_bytes: number;
  answer_bytes: number;
  /** A line each. */
  request_headers: string;
  request_body: string;
  answer_headers: string;
  answer_body: string;
  /** Why there is no answer. */
  error: string;
}

// ---- jobs and status ---------------------------------------------------------------------------------------------

export interface Stage {
  name: 'data_sources' | 'segments' | 'enrichments' | 'exports';
  title: string;
  state: RunState;
  total: number;
  /** Ended, however. */
  done: number;
  failed: number;
  skipped: number;
  duration_ms: number | null;
  /** Only where one job is asked for. */
  tasks?: Run[];
}

export interface Job {
  id: string;
  kind: 'refresh';
  trigger: 'manual' | 'schedule';
  state: RunState;
  requested_by: User | null;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  duration_ms: number | null;
  stages: Stage[];
  can: string[];
}

export interface StatusTask {
  kind: RunKind;
  subject: { id: string; display_name: string };
  state: 'not_started' | RunState;
  updated_at: string | null;
  reason: Reason | null;
  last_run_id: string | null;
  job_id: string | null;
  next_at: string | null;
}

export interface SystemStatus {
  groups: { name: string; title: string; tasks: StatusTask[] }[];
  running_job: Job | null;
  last_job: Job | null;
  can: string[];
}

// ---- notices ----------------------------------------------------------------------------------------------------

export interface Notice {
  id: string;
  at: string;
  severity: 'error' | 'warning' | 'info';
  reason: string;
  title: string;
  detail: string;
  link: string | null;
  count: number;
  is_read: boolean;
  is_resolved: boolean;
}

export interface NoticePage extends ListPage<Notice> {
  unread: number;
}

export interface Webhook {
  id: string;
  url: string;
  is_on: boolean;
  has_secret: boolean;
  last_status: string | number | null;
  last_at: string | null;
}

export interface MailSettings {
  is_on: boolean;
  host: string;
  port: number;
  security: 'none' | 'starttls' | 'tls';
  username: string;
  from: string;
  has_password: boolean;
  recipients: string[];
}

export interface NoticeSettings {
  mail: MailSettings;
  webhooks: Webhook[];
  version: number;
  can: string[];
}

/** An absent secret is kept, null clears it. */
export type WriteOnly = { set: string } | null;

export interface NoticeSettingsDraft {
  mail: Omit<MailSettings, 'has_password' | 'recipients'> & { recipients: string[]; password?: WriteOnly };
  webhooks: { id?: string; url: string; is_on: boolean; secret?: WriteOnly }[];
}

// ---- audit ------------------------------------------------------------------------------------------------------

export interface AuditEntry {
  id: string;
  at: string;
  event: string;
  actor: { id: string | null; display_name: string };
  object: { kind: string; id: string; name: string };
  request_id: string;
  address: string;
  details: Record<string, unknown>;
}

// ---- home -------------------------------------------------------------------------------------------------------

/** Counts, or a small list, per noun: the cards show a number either way. */
export interface HomeSummary {
  tables: number | unknown[];
  segments: number | unknown[];
  connections?: number | unknown[] | null;
  exports: number | unknown[];
  last_runs: Run[];
}
