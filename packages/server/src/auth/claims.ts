import { z } from 'zod'

const claims = z.object({
  type: z.literal('ENGINE'),
  projectId: z.string(),
  jti: z.string(),
  runId: z.string().optional(),
  connectionId: z.string().optional(),
  paths: z.array(z.string()).optional(),
  models: z.array(z.string()).optional(),
  maxCostUsd: z.number().optional(),
})

/** What an engine token says. What is absent is not limited. */
export type EngineClaims = {
  readonly projectId: string
  /** Of this one token; what it may cost is counted by it. */
  readonly tokenId: string
  readonly runId?: string | undefined
  /** The one connection that may be called. */
  readonly connectionId?: string | undefined
  /** Paths of the vendor's API that may be called; a `*` at the end stands for any rest. */
  readonly paths?: readonly string[] | undefined
  readonly models?: readonly string[] | undefined
  /** US dollars, for all calls with the token. */
  readonly maxCostUsd?: number | undefined
}

/** Undefined when it is not what an engine token says. */
export function readClaims(payload: unknown): EngineClaims | undefined {
  const { data } = claims.safeParse(payload)
  if (!data) return undefined
  const { type: _, jti, ...rest } = data
  return { ...rest, tokenId: jti }
}

/** Whether a token may do less than anything that its project may. */
export function isRestricted({ connectionId, paths, models, maxCostUsd }: EngineClaims): boolean {
  return [connectionId, paths, models, maxCostUsd].some((limit) => limit !== undefined)
}
