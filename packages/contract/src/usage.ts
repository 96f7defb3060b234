import { z } from 'zod'

/** What a call asks a vendor for, as its path tells. */
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

/** Who must act before a failed call can work; `nobody`: wait, then try again. */
export const USAGE_ACTORS = ['flow-author', 'admin', 'vendor', 'nobody'] as const

const tokens = z.int().nonnegative().nullable()
const milliseconds = z.number().nonnegative()

/** One attempt of a call. What nobody knows is null, never 0. */
export const usageRow = z.strictObject({
  id: z.string(),
  at: z.iso.datetime().describe('When it was over.'),
  projectId: z.string(),
  runId: z.string().nullable(),
  connectionId: z.string(),
  connection: z.string().describe('Slug of the connection at that time.'),
  provider: z.string(),
  operation: z.enum(USAGE_OPERATIONS),
  model: z.string().nullable().describe('As the caller named it; else as the vendor did.'),
  status: z.int().nullable().describe('That the caller saw; null when it left before.'),
  error: z.string().nullable().describe("The library's code of what went wrong, e.g. `rate-limit`."),
  actor: z.enum(USAGE_ACTORS).nullable().describe('Who must act, where something went wrong.'),
  uncachedTokens: tokens.describe('Of the prompt, read anew.'),
  cacheReadTokens: tokens.describe('Of the prompt, from the cache.'),
  cacheWriteTokens: tokens.describe('Of the prompt, written to the cache.'),
  outputTokens: tokens.describe('Of the completion, without its reasoning.'),
  reasoningTokens: tokens,
  costUsd: z.number().nonnegative().nullable(),
  costSource: z
    .enum(['vendor', 'table', 'project', 'free'])
    .nullable()
    .describe(
      "Where the price is from: the vendor's response, the price table, the project's price for unpriced models, or a provider that is free.",
    ),
  pricedAs: z.string().nullable().describe('The model whose price was taken; may be a near relative.'),
  estimated: z
    .boolean()
    .describe(
      'Tokens and cost are estimated from the request and the bytes received: the vendor reported no usage, or the call ended early.',
    ),
  firstByteMs: milliseconds.nullable().describe("Until the head of the vendor's reply."),
  totalMs: milliseconds,
  requestId: z.string().describe('Ours: it stands in the log too.'),
  vendorRequestId: z.string().nullable(),
  completeness: z
    .enum(['complete', 'truncated', 'aborted', 'failed'])
    .describe("The vendor's reply came to its end, broke off, was not waited for, or was an error of ours."),
})

const slot = z.string().min(1).max(200)

/** PostgreSQL has no year 0. */
const instant = z.iso
  .datetime({ offset: true, error: 'Must be a time with its offset, such as 2026-11-23T00:00:00Z' })
  .refine((text) => Date.parse(text) >= 0, 'Must be in 1970 or later')

/** Which rows are meant. `from` is included, `to` is not; times with their offset. */
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
    .regex(/^\d{1,15}$/, 'the `next` of an earlier page')
    .optional(),
})

/** A page, newest first; `next` is the cursor of the page after it, null on the last one. */
export const usagePage = z.strictObject({ data: z.array(usageRow), next: z.string().nullable() })

/** What rows can be put together by. A day is one of UTC, `2026-11-23`. */
export const USAGE_GROUPS = ['day', 'provider', 'model', 'project', 'connection', 'error', 'actor'] as const

export const usageSummaryQuery = z.strictObject({
  ...filters,
  groupBy: z.enum(USAGE_GROUPS).default('day'),
  splitBy: z.enum(USAGE_GROUPS).optional().describe('A second grouping within the first.'),
})

/** Sums over rows. Tokens and cost are sums of what is known; `unpricedCalls` says how many rows have no cost. */
const sums = {
  calls: z.int(),
  failedCalls: z.int(),
  unpricedCalls: z
    .int()
    .describe('Calls that the vendor answered and whose cost nobody knows; lists of models cost nothing.'),
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
      group: z.string().nullable().describe('Null where the rows have none, e.g. of a model.'),
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
