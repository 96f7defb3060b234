import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { Secret } from './secrets/secret.ts'

/** Timeouts of the proxy, in milliseconds. Each has its own error. */
export type ProxyTimeouts = {
  /** For connecting to the vendor. */
  readonly connect: number
  /** For the head of the vendor's response, measured from when the request is sent. */
  readonly firstByte: number
  /** Between two chunks of the vendor's response. */
  readonly idle: number
  /** For a whole call, from when it is relayed to the last byte. */
  readonly total: number
}

/** Limits of the server. Each has its own error. */
export type Limits = {
  /** Maximum body of a proxied call, in bytes. */
  readonly bodyBytes: number
  /** Maximum headers of a request, and of a vendor's response, in bytes. */
  readonly headerBytes: number
  /** Timeout for receiving the headers of a request, in milliseconds. */
  readonly requestHeadMs: number
  /** Timeout for receiving a whole request, in milliseconds. */
  readonly requestMs: number
  /** Maximum concurrent proxied calls. */
  readonly inFlight: number
  /** Maximum concurrent proxied calls per connection: each uses one socket to the vendor. */
  readonly inFlightOfConnection: number
  /** Maximum wrong admin keys per minute and address. The limit for all addresses together is ten times as high. */
  readonly wrongKeys: number
  /** How long running calls may take to end when the server stops, in milliseconds. */
  readonly shutdownMs: number
}

/** Configuration of the server. */
export type Config = {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  /** Folder of the embedded database and of generated keys. */
  readonly dataDir: string
  /** URL of a PostgreSQL database, to use instead of the embedded one. */
  readonly databaseUrl?: string | undefined
  /** 32 bytes. Defaults to a key generated in the data folder. */
  readonly encryptionKey?: Secret<Buffer> | undefined
  /** Previous keys, used to decrypt old data. */
  readonly oldEncryptionKeys: readonly Secret<Buffer>[]
  /** Defaults to a key generated at the first start. */
  readonly adminKey?: Secret<string> | undefined
  /** Gives access only to `/metrics`. */
  readonly metricsToken?: Secret<string> | undefined
  /** Base URL of an OpenTelemetry collector. Traces are off without it. */
  readonly otlpEndpoint?: string | undefined
  /** Public URL of the server, without a trailing slash. */
  readonly publicUrl?: string | undefined
  /** Folder of the built admin console. If it is missing, `/` redirects to the API reference. */
  readonly consoleDir: string
  /** Addresses or networks of reverse proxies whose forwarding headers are trusted. */
  readonly trustedProxies: readonly string[]
  readonly logLevel: LogLevel
  readonly timeouts: ProxyTimeouts
  readonly limits: Limits
  /** Origins with private addresses that connections may use. The port may be `*`. */
  readonly allowedOrigins: readonly string[]
  /** Timeout of a piece run, in milliseconds. */
  readonly pieceTimeoutMs: number
  /** Maximum concurrent piece runs. */
  readonly maxPieceRuns: number
  /** User and group that pieces run as. Default: an unprivileged user if the server runs as root. */
  readonly pieceUid?: number | undefined
  /** Timeout of one diagnostics probe, in milliseconds. A whole run may take six times as long. */
  readonly probeTimeoutMs: number
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/**
 * Reads the configuration from the environment.
 *
 * @throws Error that names every invalid variable, its value, and what is allowed
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  // Compose files and shells set an empty variable to unset it.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const result = variables.safeParse(set)
  if (!result.success) throw new Error(result.error.issues.map((issue) => describe(issue, set)).join('\n'))
  const from = result.data
  return {
    host: from.HOST,
    port: from.PORT,
    dataDir: from.AP_DATA_DIR,
    databaseUrl: from.DATABASE_URL,
    encryptionKey: from.AP_ENCRYPTION_KEY,
    oldEncryptionKeys: from.AP_ENCRYPTION_KEYS_OLD,
    adminKey: from.AP_ADMIN_KEY,
    metricsToken: from.AP_METRICS_TOKEN,
    otlpEndpoint: from.OTEL_EXPORTER_OTLP_ENDPOINT,
    publicUrl: from.PUBLIC_URL,
    consoleDir: from.AP_CONSOLE_DIR,
    trustedProxies: from.AP_TRUSTED_PROXIES,
    logLevel: from.AP_LOG_LEVEL,
    timeouts: {
      connect: from.AP_CONNECT_TIMEOUT_MS,
      firstByte: from.AP_FIRST_BYTE_TIMEOUT_MS,
      idle: from.AP_IDLE_TIMEOUT_MS,
      total: from.AP_TOTAL_TIMEOUT_MS,
    },
    limits: {
      bodyBytes: from.AP_MAX_BODY_BYTES,
      headerBytes: from.AP_MAX_HEADER_BYTES,
      requestHeadMs: from.AP_REQUEST_HEAD_TIMEOUT_MS,
      requestMs: from.AP_REQUEST_TIMEOUT_MS,
      inFlight: from.AP_MAX_IN_FLIGHT,
      inFlightOfConnection: from.AP_MAX_IN_FLIGHT_PER_CONNECTION,
      wrongKeys: from.AP_MAX_WRONG_KEYS,
      shutdownMs: from.AP_SHUTDOWN_TIMEOUT_MS,
    },
    allowedOrigins: from.AP_ALLOWED_ORIGINS,
    pieceTimeoutMs: from.AP_PIECE_TIME_LIMIT_MS,
    maxPieceRuns: from.AP_MAX_PIECE_RUNS,
    pieceUid: from.AP_PIECE_UID,
    probeTimeoutMs: from.AP_DOCTOR_TIME_LIMIT_MS,
  }
}

const SECRET_VARIABLES = [
  'AP_ENCRYPTION_KEY',
  'AP_ENCRYPTION_KEYS_OLD',
  'AP_ADMIN_KEY',
  'AP_METRICS_TOKEN',
  'DATABASE_URL',
]

const MASTER_KEY = /^([0-9a-f]{64}|[A-Za-z0-9+/_-]{43}=?)$/i

const toKey = (key: string) => new Secret(Buffer.from(key, key.length === 64 ? 'hex' : 'base64'))

const variables = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  AP_CONSOLE_DIR: z.string().default(() => fileURLToPath(new URL('../../../web/dist', import.meta.url))),
  AP_DATA_DIR: z.string().default(() => join(process.cwd(), '.data')),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'a URL that starts with postgres://')
    .optional(),
  AP_ENCRYPTION_KEY: z.string().regex(MASTER_KEY, '32 bytes as 64 hex digits or as base64').transform(toKey).optional(),
  AP_ENCRYPTION_KEYS_OLD: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((key) => key !== ''))
    .refine(
      (keys) => keys.every((key) => MASTER_KEY.test(key)),
      'a comma-separated list of keys like AP_ENCRYPTION_KEY',
    )
    .transform((keys) => keys.map(toKey))
    .default([]),
  AP_ADMIN_KEY: z
    .string()
    .regex(
      /^(?!eyJ|ap_project_)[\x21-\x7e]{16,256}$/,
      '16 to 256 printable characters without spaces that do not start like a token',
    )
    .transform((key) => new Secret(key))
    .optional(),
  AP_METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,256}$/, '16 to 256 printable characters without spaces')
    .transform((key) => new Secret(key))
    .optional(),
  PUBLIC_URL: webUrl().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: webUrl().optional(),
  AP_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((address) => address.trim()))
    .refine((all) => all.every(isNetwork), 'a comma-separated list of addresses or networks such as 10.0.0.0/8')
    .default([]),
  AP_LOG_LEVEL: z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`).default('info'),
  AP_CONNECT_TIMEOUT_MS: wholeNumber(1, 3_600_000).default(10_000),
  AP_FIRST_BYTE_TIMEOUT_MS: wholeNumber(1, 3_600_000).default(600_000),
  AP_IDLE_TIMEOUT_MS: wholeNumber(1, 3_600_000).default(300_000),
  AP_TOTAL_TIMEOUT_MS: wholeNumber(1, 86_400_000).default(3_600_000),
  AP_MAX_BODY_BYTES: wholeNumber(1, 999_999_999_999).default(512 * 1024 * 1024),
  AP_MAX_HEADER_BYTES: wholeNumber(1_024, 1_048_576).default(32 * 1024),
  AP_REQUEST_HEAD_TIMEOUT_MS: wholeNumber(1, 3_600_000).default(15_000),
  AP_REQUEST_TIMEOUT_MS: wholeNumber(1, 3_600_000).default(300_000),
  AP_MAX_IN_FLIGHT: wholeNumber(1, 100_000).default(2_048),
  AP_MAX_IN_FLIGHT_PER_CONNECTION: wholeNumber(1, 100_000).default(1_024),
  AP_MAX_WRONG_KEYS: wholeNumber(1, 10_000).default(10),
  AP_SHUTDOWN_TIMEOUT_MS: wholeNumber(0, 3_600_000).default(25_000),
  AP_ALLOWED_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine((origins) => origins.every(isOrigin), 'a comma-separated list of origins such as http://ollama.lan:11434')
    .default([]),
  AP_PIECE_TIME_LIMIT_MS: wholeNumber(1, 3_600_000).default(120_000),
  AP_MAX_PIECE_RUNS: wholeNumber(1, 1_000).default(8),
  AP_PIECE_UID: wholeNumber(1, 4_294_967_294).optional(),
  AP_DOCTOR_TIME_LIMIT_MS: wholeNumber(1, 300_000).default(20_000),
})

function wholeNumber(min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max}`
  return z
    .string()
    .refine((text) => /^\d{1,12}$/.test(text) && Number(text) >= min && Number(text) <= max, allowed)
    .transform(Number)
}

/** Parses a URL and removes trailing slashes. */
function webUrl() {
  return z
    .string()
    .refine(isWebUrl, 'an http or https URL')
    .transform((url) => url.replace(/\/+$/, ''))
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

function isNetwork(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text)
}

/** Whether the text is an origin in the form of a URL parser; `*` stands for every port. */
function isOrigin(text: string): boolean {
  const plain = text.replace(/:\*$/, '')
  return isWebUrl(plain) && new URL(plain).origin === plain
}

function describe(issue: z.core.$ZodIssue, env: Record<string, string | undefined>): string {
  const name = String(issue.path[0])
  const value = SECRET_VARIABLES.includes(name) ? 'an invalid value' : `"${env[name]}"`
  return `Invalid environment variable ${name}: expected ${issue.message}, got ${value}.`
}
