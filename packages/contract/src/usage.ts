import { z } from 'zod'

/** Operation of a call, derived from its path. */
export const USAGE_OPERATIONS = [
  'chat',
  'embeddings',
  'image',
  'speech',
  'transcription',
  'moderation',
  'models',
  'other',
] as const

/** Who must act before a failed call can succeed. `nobody`: wait, then try again. */
export const USAGE_ACTORS = ['flow-author', 'admin', 'vendor', 'nobody'] as const

const tokens = z.int().nonnegative().nullable()
const milliseconds = z.number().nonnegative()

/** One attempt of a call. Unknown values are null, never 0. */
export const usageRow = z.strictObject({
  id: z.string(),
  at: z.iso.datetime().describe('When the call ended.'),
  projectId: z.string(),
  runId: z.string().nullable(),
  connectionId: z.string(),
  connection: z.string().describe('Slug of the connection at that time.'),
  provider: z.string(),
  operation: z.enum(USAGE_OPERATIONS),
  model: z.string().nullable().describe("The caller's name for it, or the vendor's if the request has none."),
  status: z.int().nullable().describe('Status that the caller received. Null if the caller disconnected first.'),
  error: z.string().nullable().describe("The library's error code, e.g. `rate-limit`."),
  actor: z.enum(USAGE_ACTORS).nullable().describe('Who must act if the call failed.'),
  uncachedTokens: tokens.describe('Prompt tokens that were not cached.'),
  cacheReadTokens: tokens.describe('Prompt tokens read from the cache.'),
  cacheWriteTokens: tokens.describe('Prompt tokens written to the cache.'),
  outputTokens: tokens.describe('Completion tokens without reasoning.'),
  reasoningTokens: tokens,
  costUsd: z.number().nonnegative().nullable(),
  costSource: z
    .enum(['vendor', 'table', 'project', 'free'])
    .nullable()
    .describe(
      "Source of the price: the vendor's response, the price table, the project's price for unpriced models, or a free provider.",
    ),
  pricedAs: z.string().nullable().describe('Model whose price was used. It may be a similar model.'),
  estimated: z
    .boolean()
    .describe(
      'Tokens and cost are estimated from the request and the bytes received: the vendor reported no usage, or the call ended early.',
    ),
  firstByteMs: milliseconds.nullable().describe("Time until the vendor's response headers."),
  totalMs: milliseconds,
  requestId: z.string().describe('Our request id, also found in the log.'),
  vendorRequestId: z.string().nullable(),
  completeness: z
    .enum(['complete', 'truncated', 'aborted', 'failed'])
    .describe(
      "Complete response, truncated response, aborted by the caller, or failed with one of our server's errors.",
    ),
})

const slot = z.string().min(1).max(200)

/** PostgreSQL has no year 0. */
const instant = z.iso
  .datetime({ offset: true, error: 'Must be a time with its offset, such as 2026-11-23T00:00:00Z' })
  .refine((text) => Date.parse(text) >= 0, 'Must be in 1970 or later')

/** Filters. `from` is inclusive, `to` is exclusive. Times have an offset. */
const filters = {
  from: instant.optional(),
  to: instant.optional(),
  projectId: slot.optional(),
  provider: slot.optional(),
  connection: slot.optional().describe('Slug.'),
  model: slot.optional(),
  runId: slot.optional(),
  outcome: z.enum(['ok', 'failed']).optional(),
}

export const usageQuery = z.strictObject({
  ...filters,
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'the `next` value of an earlier page')
    .optional(),
})

/** A page, newest first. `next` is the cursor of the following page, or null on the last one. */
export const usagePage = z.strictObject({ data: z.array(usageRow), next: z.string().nullable() })

/** Fields to group rows by. Days are UTC, e.g. `2026-11-23`. */
export const USAGE_GROUPS = ['day', 'provider', 'model', 'project', 'connection', 'error', 'actor'] as const

export const usageSummaryQuery = z.strictObject({
  ...filters,
  groupBy: z.enum(USAGE_GROUPS).default('day'),
  splitBy: z.enum(USAGE_GROUPS).optional().describe('A second grouping within the first.'),
})

/** Sums over rows. Tokens and cost add up the known values. `unpricedCalls` counts the rows without a cost. */
const sums = {
  calls: z.int(),
  failedCalls: z.int(),
  unpricedCalls: z
    .int()
    .describe('Calls that the vendor answered and whose cost is unknown. Model lists cost nothing.'),
  estimatedCalls: z.int().describe('Calls whose tokens and cost are estimated.'),
  promptTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  completionTokens: z.int(),
  reasoningTokens: z.int(),
  costUsd: z.number(),
}

export const usageSummary = z.strictObject({
  data: z.array(
    z.strictObject({
      group: z.string().nullable().describe('Null for rows without a value, e.g. without a model.'),
      split: z.string().nullable(),
      ...sums,
      medianFirstByteMs: milliseconds.nullable(),
    }),
  ),
  total: z.strictObject(sums),
})

export type UsageRow = z.infer<typeof usageRow>
export type UsagePage = z.infer<typeof usagePage>
export type UsageQuery = z.input<typeof usageQuery>
export type UsageSummary = z.infer<typeof usageSummary>
export type UsageSummaryQuery = z.input<typeof usageSummaryQuery>
export type UsageOperation = UsageRow['operation']
