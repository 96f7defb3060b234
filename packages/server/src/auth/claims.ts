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

/** Claims of an engine token. Absent claims do not restrict it. */
export type EngineClaims = {
  readonly projectId: string
  /** Identifies this token. Its cost is counted under this id. */
  readonly tokenId: string
  readonly runId?: string | undefined
  /** The only connection that the token can call. */
  readonly connectionId?: string | undefined
  /** Paths of the vendor's API that the token can call. A trailing `*` matches any suffix. */
  readonly paths?: readonly string[] | undefined
  readonly models?: readonly string[] | undefined
  /** Limit for all calls with the token, in US dollars. */
  readonly maxCostUsd?: number | undefined
}

/** Parses the payload of a token. Returns undefined if it is not an engine token. */
export function readClaims(payload: unknown): EngineClaims | undefined {
  const { data } = claims.safeParse(payload)
  if (!data) return undefined
  const { type: _, jti, ...rest } = data
  return { ...rest, tokenId: jti }
}

/** Whether a token has fewer rights than its project. */
export function isRestricted({ connectionId, paths, models, maxCostUsd }: EngineClaims): boolean {
  return [connectionId, paths, models, maxCostUsd].some((limit) => limit !== undefined)
}
