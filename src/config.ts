import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { Kind } from '../schemas/event.ts';
import { parseDuration } from './core/duration.ts';
import { parseSmtpUrl, type SmtpServer } from './core/smtp-url.ts';

export const ROLES = ['ingest', 'query', 'realtime', 'alert', 'dashboard'] as const;
export type Role = (typeof ROLES)[number];

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What is in force. Durations in milliseconds. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly roles: readonly Role[];
  readonly dataDir: string;
  readonly mongoUri: string | undefined;
  readonly mongoPoolSize: number;
  readonly mongoTimeoutMs: number;
  readonly redisUrl: string | undefined;
  readonly apiKey: string | undefined;
  readonly jwtSecret: string | undefined;
  readonly allowAnonymous: boolean;
  readonly rateLimitMax: number;
  readonly rateLimitWindowMs: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly alertIntervalMs: number;
  readonly alertLeaseMs: number;
  readonly retentionMs: Readonly<Record<Kind | 'incident', number>>;
  readonly dedupWindowMs: number;
  readonly corsOrigin: readonly string[];
  readonly trustProxy: readonly string[];
  readonly publicUrl: string | undefined;
  readonly webhookAllow: readonly string[];
  readonly smtp: SmtpServer | undefined;
}

/** Every fault in the settings, so that they can be mended in one go. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `the settings have ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** One setting: its default as it would be written in the environment, what it means, and how it is read. */
interface Setting<T> {
  readonly fallback: string;
  readonly about: string;
  /** What `lightwatch config` shows of it; all of it when left out. */
  readonly show?: (text: string) => string;
  /** Throws an Error whose message says what is expected. */
  read(text: string): T;
}

function setting<T>(fallback: string, about: string, read: (text: string) => T): Setting<T> {
  return { fallback, about, read };
}

const MASK = '********';

/** Characters of a key: as many as a comparison reserves room for. */
export const MAX_KEY_CHARACTERS = 512;

/** A key travels in a header: it is of visible ASCII. */
function key(about: string): Setting<string | undefined> {
  const { read, ...rest } = secret(about, 8);
  return {
    ...rest,
    read(text) {
      if (text.length > MAX_KEY_CHARACTERS || !/^[!-~]*$/.test(text)) {
        throw new Error(`must have at most ${MAX_KEY_CHARACTERS} characters: letters, digits and signs of ASCII`);
      }
      return read(text);
    },
  };
}

function secret(about: string, minLength: number): Setting<string | undefined> {
  return {
    fallback: '',
    about,
    show: () => MASK,
    read(text) {
      if (text !== '' && text.length < minLength) throw new Error(`must have at least ${minLength} characters`);
      return text === '' ? undefined : text;
    },
  };
}

const integer = (min: number, max: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new Error(`must be a whole number from ${min} to ${max}`);
  return value;
};

const duration = (min: string, max: string) => (text: string) => {
  const ms = parseDuration(text);
  if (ms === undefined || ms < (parseDuration(min) ?? 0) || ms > (parseDuration(max) ?? 0)) {
    throw new Error(`must be a duration from ${min} to ${max}, such as 90s, 5m, 1h or 7d`);
  }
  return ms;
};

const boolean = (text: string) => {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new Error('must be true or false');
};

const words = (text: string) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

const oneOf =
  <const T extends readonly string[]>(allowed: T) =>
  (text: string): T[number] => {
    if (!allowed.includes(text)) throw new Error(`must be one of ${allowed.join(', ')}`);
    return text;
  };

const address = (text: string) => {
  if (isIP(text) === 0 && !/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(text))
    throw new Error('must be an IP address or a host name');
  return text;
};

/** An IP address or a CIDR block. */
const network = (text: string) => {
  const [ip = '', bits, more] = text.split('/');
  const version = isIP(ip);
  const most = version === 6 ? 128 : 32;
  if (version === 0 || more !== undefined || (bits !== undefined && (!/^\d+$/.test(bits) || Number(bits) > most))) {
    throw new Error(`must hold IP addresses or CIDR blocks, separated by commas; ${text} is neither`);
  }
  return text;
};

const httpUrl = (text: string) => {
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new Error('must be an http or https URL');
  return text.replace(/\/+$/, '');
};

/** The address of a server as it may be shown: without who signs in, and without what its options keep secret. */
export function withoutSecrets(url: string): string {
  return url.replace(/(:\/\/).*@/, `$1${MASK}@`).replace(/([?&]\w*(?:password|properties)=)[^&]*/gi, `$1${MASK}`);
}

/** The same for mail, where an `@` may also stand in the address of the sender. */
const withoutCredentials = (text: string) => text.replace(/(:\/\/)[^/?]*@/, `$1${MASK}@`);

/** The address of a server that others run, which may hold a name and a password: those are never shown. */
function serverUrl(about: string, form: RegExp, example: string): Setting<string | undefined> {
  return {
    fallback: '',
    about,
    show: withoutSecrets,
    read(text) {
      if (text === '') return undefined;
      // Further hosts, which a database may have, are no part of what a URL is elsewhere.
      if (!form.test(text) || !URL.canParse(text.replace(/,[^/?@]*(?=[/?]|$)/, '')))
        throw new Error(`must be a URL such as ${example}`);
      return text;
    },
  };
}

const roles = (text: string): readonly Role[] => {
  if (text === 'all') return ROLES;
  const named = words(text);
  const wrong = named.filter((word) => !(ROLES as readonly string[]).includes(word));
  if (named.length === 0 || wrong.length > 0)
    throw new Error(`must be all, or some of ${ROLES.join(', ')}, separated by commas`);
  return ROLES.filter((role) => named.includes(role));
};

const origins = (text: string) =>
  words(text).map((origin) => {
    if (origin !== '*' && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
      throw new Error(`must hold origins such as https://ops.example.com, separated by commas; ${origin} is none`);
    }
    return origin;
  });

const DAYS = duration('1d', '3650d');

/** Every setting by its name in the environment: `lightwatch config` and the documentation show this table. */
export const SETTINGS = {
  HOST: setting('127.0.0.1', 'Address to listen on', address),
  PORT: setting('3000', 'Port to listen on; 0 takes any free one', integer(0, 65_535)),
  ROLES: setting('all', `What this replica does: all, or some of ${ROLES.join(', ')}`, roles),
  DATA_DIR: setting('./data', 'Where the embedded store lives', (text) => resolve(text)),
  MONGO_URI: serverUrl(
    'MongoDB, where several replicas keep what they store; without it the embedded store does',
    /^mongodb(\+srv)?:\/\/(.*@)?[^/@?]+(\/[^/?]*)?(\?.*)?$/,
    'mongodb://user:password@host:27017/lightwatch',
  ),
  MONGO_POOL_SIZE: setting('100', 'Connections to each server of MongoDB', integer(1, 1000)),
  MONGO_TIMEOUT: setting(
    '10s',
    'How long MongoDB, and the word of a majority of it, is waited for',
    duration('1s', '1m'),
  ),
  REDIS_URL: serverUrl(
    'Redis, through which several replicas see the same events live; without it each is alone',
    /^rediss?:\/\/([^/]*@)?[^/@?]+(\/\d*)?(\?.*)?$/,
    'redis://user:password@host:6379/0',
  ),
  API_KEY: key('One admin key; without it and JWT_SECRET everything is open'),
  JWT_SECRET: secret('Secret of HS256 tokens', 32),
  ALLOW_ANONYMOUS: setting('false', 'Allow an open server on an address other than loopback', boolean),
  RATE_LIMIT_MAX: setting(
    '200',
    'Requests without credentials, per window and address; 0 for no limit',
    integer(0, 1_000_000),
  ),
  RATE_LIMIT_WINDOW_MS: setting('1000', 'Width of that window in milliseconds', integer(100, 3_600_000)),
  LOG_LEVEL: setting('info', `One of ${LOG_LEVELS.join(', ')}`, oneOf(LOG_LEVELS)),
  ALERT_ENGINE_ENABLED: setting('true', 'false takes the alert role away', boolean),
  ALERT_INTERVAL: setting('30s', 'Time between two evaluations of the rules', duration('1s', '1h')),
  ALERT_LEASE: setting(
    '15s',
    'Of several replicas with the alert role one leads; another takes over when it was silent for this time',
    duration('1s', '5m'),
  ),
  RETENTION_LOGS: setting('30d', 'How long logs are kept', DAYS),
  RETENTION_METRICS: setting('30d', 'How long metrics are kept', DAYS),
  RETENTION_SECURITY: setting('90d', 'How long security events are kept', DAYS),
  RETENTION_HEARTBEATS: setting('30d', 'How long heartbeats are kept', DAYS),
  RETENTION_SPANS: setting('30d', 'How long spans are kept', DAYS),
  RETENTION_INCIDENTS: setting('90d', 'How long resolved incidents are kept', DAYS),
  DEDUP_WINDOW: setting('10m', 'How long an event_id is remembered', duration('1s', '1d')),
  CORS_ORIGIN: setting('', 'Origins that browsers may call from, separated by commas; * for any', origins),
  TRUST_PROXY: setting('', 'Addresses or CIDR blocks of proxies whose X-Forwarded-For is believed', (text) =>
    words(text).map(network),
  ),
  PUBLIC_URL: setting('', 'Where people reach this server; links in notifications start with it', httpUrl),
  WEBHOOK_ALLOW: setting('', 'Hosts and CIDR blocks inside the network that notifications may reach', (text) =>
    words(text).map((entry) => (entry.includes('/') ? network(entry) : address(entry))),
  ),
  SMTP_URL: {
    ...setting('', 'Server and sender of mail: smtps://user:password@host?from=address', (text) =>
      text === '' ? undefined : parseSmtpUrl(text),
    ),
    show: withoutCredentials,
  },
} satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
type Values = { [N in SettingName]: ReturnType<(typeof SETTINGS)[N]['read']> };

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/**
 * The settings in `env`, checked and frozen. An empty variable counts as unset.
 * @throws ConfigError with every fault.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const faults: string[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const [name, { read, fallback }] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    try {
      values[name] = read(env[name] || fallback);
    } catch (error) {
      faults.push(`${name} ${(error as Error).message}`);
    }
  }
  const value = values as Values;
  if (faults.length === 0 && !isLoopback(value.HOST) && !value.API_KEY && !value.JWT_SECRET && !value.ALLOW_ANONYMOUS) {
    faults.push(
      `HOST ${value.HOST} is reachable from outside and nothing protects it: set API_KEY or JWT_SECRET, or ALLOW_ANONYMOUS=true if it is meant to be open`,
    );
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze({
    host: value.HOST,
    port: value.PORT,
    roles: value.ALERT_ENGINE_ENABLED ? value.ROLES : value.ROLES.filter((role) => role !== 'alert'),
    dataDir: value.DATA_DIR,
    mongoUri: value.MONGO_URI,
    mongoPoolSize: value.MONGO_POOL_SIZE,
    mongoTimeoutMs: value.MONGO_TIMEOUT,
    redisUrl: value.REDIS_URL,
    apiKey: value.API_KEY,
    jwtSecret: value.JWT_SECRET,
    allowAnonymous: value.ALLOW_ANONYMOUS,
    rateLimitMax: value.RATE_LIMIT_MAX,
    rateLimitWindowMs: value.RATE_LIMIT_WINDOW_MS,
    logLevel: value.LOG_LEVEL,
    alertIntervalMs: value.ALERT_INTERVAL,
    alertLeaseMs: value.ALERT_LEASE,
    retentionMs: {
      log: value.RETENTION_LOGS,
      metric: value.RETENTION_METRICS,
      security: value.RETENTION_SECURITY,
      heartbeat: value.RETENTION_HEARTBEATS,
      span: value.RETENTION_SPANS,
      incident: value.RETENTION_INCIDENTS,
    },
    dedupWindowMs: value.DEDUP_WINDOW,
    corsOrigin: value.CORS_ORIGIN,
    trustProxy: value.TRUST_PROXY,
    publicUrl: value.PUBLIC_URL,
    webhookAllow: value.WEBHOOK_ALLOW,
    smtp: value.SMTP_URL,
  });
}

const asItIs = (text: string) => text;

/** What `lightwatch config` prints: every setting in force and where it comes from, secrets masked. */
export function describeConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  return (Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]).map(
    ([name, { fallback, about, show = asItIs }]) => {
      const given = env[name] || undefined;
      return {
        name,
        value: given === undefined ? fallback : show(given),
        source: given === undefined ? 'default' : 'environment',
        about,
      };
    },
  );
}
