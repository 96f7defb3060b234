import { z } from 'zod'
import { doctorSummary } from './doctor.ts'
import type { LoginBody } from './sessions.ts'

/** Names a connection in the proxy's path. */
const slug = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/, '1 to 64 of the characters a-z, 0-9 and -')
  .describe('Unique name of the connection, used in the path of the proxy.')

/** Status of a connection according to its last call or check. */
export const connectionStatus = z.enum(['unknown', 'active', 'key-rejected', 'out-of-credit', 'unreachable'])

/** A connection without its secrets: header values are never returned. */
export const connection = z.strictObject({
  id: z.string(),
  provider: z.string().describe('Provider id, e.g. openai.'),
  slug,
  label: z.string(),
  baseUrl: z.string(),
  config: z.strictObject({}).describe('Always empty. Pieces of Activepieces expect this field.'),
  emulated: z.boolean().describe('True if a local emulator stands in for the vendor.'),
  fingerprint: z.string().nullable().describe('Fingerprint of the key. Identifies the key without revealing it.'),
  headerNames: z.array(z.string()).describe('Names of the stored headers. Their values are never returned.'),
  allowedHeaders: z.array(z.string()).describe('Additional request headers that callers may set.'),
  status: connectionStatus,
  statusReason: z.string().nullable().describe("Reason for the status, with the vendor's message if there is one."),
  checkedAt: z.iso.datetime().nullable().describe('When the status was determined.'),
  lastUsedAt: z.iso.datetime().nullable(),
  doctor: doctorSummary.optional().describe('In lists: the verdicts of the last probe report, if there is one.'),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
})

export const connectionList = z.strictObject({
  data: z.array(connection),
  next: z.null(),
  previous: z.null(),
})

/** Creates a connection, or replaces the one with the same slug. The API key is always required. */
export const saveConnectionBody = z.strictObject({
  provider: z.string().min(1).describe('Provider id, e.g. openai.'),
  slug: slug.optional().describe('Unique name. Defaults to the provider id.'),
  label: z.string().min(1).max(100).optional().describe("Display name. Defaults to the provider's label."),
  baseUrl: z.string().min(1).max(2048).optional().describe("Base URL of the API. Defaults to the provider's."),
  apiKey: z.string().min(1).max(8192).optional().describe("API key. Sent in the provider's own header."),
  headers: z.record(z.string(), z.string().max(8192)).optional().describe('Additional headers to send to the vendor.'),
  allowedHeaders: z
    .array(z.string().regex(/^[A-Za-z0-9-]{1,100}$/, '1 to 100 letters, digits and hyphens'))
    .max(20)
    .optional()
    .describe(
      'Exact names of additional request headers that callers may set, e.g. helicone-user-id. Headers that are stored ' +
        'with the connection, carry a credential, or choose where a gateway sends the call are not allowed.',
    ),
  emulated: z.boolean().optional(),
  saveAnyway: z
    .boolean()
    .optional()
    .describe('Saves the connection even if the vendor cannot be reached to test the key.'),
})

/**
 * Changes a connection. Absent fields stay unchanged. A new origin drops all stored headers, and the credential has to be
 * entered again, so that it is never sent to an origin it was not meant for.
 */
export const updateConnectionBody = saveConnectionBody
  .pick({
    slug: true,
    label: true,
    baseUrl: true,
    apiKey: true,
    allowedHeaders: true,
    emulated: true,
    saveAnyway: true,
  })
  .extend({
    headers: z
      .record(z.string(), z.string().max(8192).nullable())
      .optional()
      .describe('Headers to set. Null removes a header. Other headers stay unchanged.'),
  })

/** Result of testing a connection. */
export const connectionCheck = z.strictObject({
  outcome: z.enum(['works', 'key-rejected', 'out-of-credit', 'unreachable']),
  message: z.string().describe('One sentence for people.'),
  vendorMessage: z.string().nullable().describe("The vendor's message, without keys."),
  remedy: z.string().nullable().describe('What to do, and who has to do it.'),
})

/** Fields with secret values. Messages never quote them. */
export const SECRET_FIELDS: readonly string[] = ['apiKey', 'headers', 'adminKey'] satisfies (
  | keyof SaveConnectionBody
  | keyof LoginBody
)[]

/** A provider of the registry as plain data. */
export const catalogueEntry = z.strictObject({
  value: z.string(),
  label: z.string(),
  logoUrl: z.string(),
  defaultBaseUrl: z.string(),
  authHeader: z.string().describe('Name of the header that carries the key.'),
  instructionsMarkdown: z.string().nullable(),
  models: z.array(z.strictObject({ label: z.string(), value: z.string(), supported: z.array(z.string()) })),
})

export const catalogue = z.strictObject({ data: z.array(catalogueEntry) })

export type ConnectionStatus = z.infer<typeof connectionStatus>
export type Connection = z.infer<typeof connection>
export type ConnectionList = z.infer<typeof connectionList>
export type UpdateConnectionBody = z.infer<typeof updateConnectionBody>
export type ConnectionCheck = z.infer<typeof connectionCheck>
export type SaveConnectionBody = z.infer<typeof saveConnectionBody>
export type CatalogueEntry = z.infer<typeof catalogueEntry>
export type Catalogue = z.infer<typeof catalogue>
