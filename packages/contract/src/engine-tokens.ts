import { z } from 'zod'
import { projectId } from './projects.ts'

const path = z
  .string()
  .max(500)
  .regex(/^\/[\x21-\x7e]*$/, 'a path that starts with a slash, e.g. /v1/chat/completions or /v1/images/*')

export const engineTokenBody = z.strictObject({
  projectId: projectId.optional().describe('Defaults to `local`, or to the project of the project token.'),
  expiresInSeconds: z.int().min(60).max(3600).default(900),
  runId: z.string().min(1).max(100).optional().describe('The run that the token is for.'),
  connection: z.string().min(1).max(64).optional().describe('Slug of the one connection that may be called.'),
  paths: z
    .array(path)
    .min(1)
    .max(50)
    .optional()
    .describe("Paths of the vendor's API that may be called. A trailing `*` matches any suffix."),
  models: z.array(z.string().min(1).max(200)).min(1).max(100).optional().describe('Models that may be used.'),
  maxCostUsd: z
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe('Maximum total cost of all calls with the token.'),
})

export const engineToken = z.strictObject({
  token: z.string(),
  expiresAt: z.iso.datetime(),
  projectId,
})

/** A long-lived token of a project. It can only create engine tokens. */
export const projectToken = z.strictObject({
  id: z.string(),
  projectId,
  name: z.string(),
  prefix: z.string().describe('First characters of the token, to identify it.'),
  created: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
})

export const projectTokenList = z.strictObject({ data: z.array(projectToken) })

export const projectTokenBody = z.strictObject({
  name: z.string().trim().min(1).max(100).describe('What the token is used for.'),
})

/** The token itself is returned only once. */
export const newProjectToken = projectToken.extend({ token: z.string() })

export type EngineTokenBody = z.input<typeof engineTokenBody>
export type EngineToken = z.infer<typeof engineToken>
export type ProjectToken = z.infer<typeof projectToken>
export type ProjectTokenList = z.infer<typeof projectTokenList>
export type NewProjectToken = z.infer<typeof newProjectToken>
export type ProjectTokenBody = z.input<typeof projectTokenBody>
