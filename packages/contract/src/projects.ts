import { z } from 'zod'

export const projectId = z
  .string()
  .regex(/^[\w-]{1,64}$/, '1 to 64 letters, digits, _ or -')
  .describe('Project that calls are made for.')

const name = z.string().trim().min(1).max(100)
const monthlyBudgetUsd = z
  .number()
  .min(0)
  .max(100_000_000)
  .multipleOf(0.000001)
  .nullable()
  .describe(
    'US dollars per calendar month (UTC), with up to six decimals. Null for no budget. 0 refuses all calls that cost anything.',
  )
const requestsPerMinute = z.int().min(1).max(1_000_000).nullable().describe('Null for no limit.')

const usdPerMillionTokens = z.number().min(0).max(1_000_000)

/** What to do with a call to a model without a known price, where a budget or a token's cost limit applies. */
export const unpricedModels = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('refuse') }),
    z.strictObject({
      type: z.literal('price'),
      inputUsdPerMillionTokens: usdPerMillionTokens,
      outputUsdPerMillionTokens: usdPerMillionTokens,
    }),
    z.strictObject({ type: z.literal('allow') }),
  ])
  .describe(
    'Models without a known price: `refuse` the call, charge a fixed `price`, or `allow` the call without counting it towards the budget.',
  )

/** A project with its budget and limits. */
export const project = z.strictObject({
  id: projectId,
  name,
  monthlyBudgetUsd,
  requestsPerMinute,
  unpricedModels,
  tokensValidFrom: z.iso.datetime().nullable().describe('Engine tokens created before this time are revoked.'),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
})

export const projectList = z.strictObject({ data: z.array(project) })

export const createProjectBody = z.strictObject({
  id: projectId.optional().describe('Unique and permanent. Generated if absent.'),
  name,
  monthlyBudgetUsd: monthlyBudgetUsd.default(null),
  requestsPerMinute: requestsPerMinute.default(null),
  unpricedModels: unpricedModels.default({ type: 'refuse' }),
})

/** Absent fields stay unchanged. */
export const updateProjectBody = z.strictObject({
  name: name.optional(),
  monthlyBudgetUsd: monthlyBudgetUsd.optional(),
  requestsPerMinute: requestsPerMinute.optional(),
  unpricedModels: unpricedModels.optional(),
})

export const revokedTokens = z.strictObject({
  tokensValidFrom: z.iso.datetime(),
  projectTokens: z.int().describe('Number of project tokens that were deleted.'),
})

export type UnpricedModels = z.infer<typeof unpricedModels>
export type Project = z.infer<typeof project>
export type ProjectList = z.infer<typeof projectList>
export type CreateProjectBody = z.input<typeof createProjectBody>
export type UpdateProjectBody = z.input<typeof updateProjectBody>
export type RevokedTokens = z.infer<typeof revokedTokens>
