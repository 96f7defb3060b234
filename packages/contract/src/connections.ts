import { z } from 'zod'
import { doctorSummary } from './doctor.ts'
import type { LoginBody } from './sessions.ts'

/** Names a connection in the proxy's path. */
const slug = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/, '1 to 64 of the characters a-z, 0-9 and -')
  .describe('Unique name of the connection; what stands in the path of the proxy.')

/** How a connection is, as its last call or check has shown. */
export const connectionStatus = z.enum(['unknown', 'active', 'key-rejected', 'out-of-credit', 'unreachable'])

/** A stored credential, without its secret: header values are never given back. */
export const connection = z.strictObject({
  id: z.string(),
  provider: z.string().describe('Value of the registry, e.g. openai.'),
  slug,
  label: z.string(),
  baseUrl: z.string(),
  config: z.strictObject({}).describe('Always empty: the place where pieces of Activepieces expect settings.'),
  emulated: z.boolean().describe('True for a local emulator in the place of the vendor.'),
  fingerprint: z.string().nullable().describe('Of the key, to tell keys apart; it says nothing of the key itself.'),
  headerNames: z.array(z.string()).describe('Of the stored headers. Their values are never given back.'),
  allowedHeaders: z.array(z.string()).describe('Request headers that callers may set, beyond the usual ones.'),
  status: connectionStatus,
  statusReason: z.string().nullable().describe("Why, in the vendor's own words where it has said some."),
  checkedAt: z.iso.datetime().nullable().describe('When the status was seen.'),
  lastUsedAt: z.iso.datetime().nullable(),
  doctor: doctorSummary.optional().describe('In a list: what the doctor saw last, where it was there.'),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
})

export const connectionList = z.strictObject({
  data: z.array(connection),
  next: z.null(),
  previous: z.null(),
})

/** Saves a connection whole: makes it, or replaces the one of that slug, so that the key is given each time. */
export const saveConnectionBody = z.strictObject({
  provider: z.string().min(1).describe('Value of the registry, e.g. openai.'),
  slug: slug.optional().describe("Unique name; the provider's value when absent."),
  label: z.string().min(1).max(100).optional().describe("For people; the provider's label when absent."),
  baseUrl: z.string().min(1).max(2048).optional().describe("Where the API is; the provider's own when absent."),
  apiKey: z.string().min(1).max(8192).optional().describe("The vendor's key, put into the provider's own header."),
  headers: z.record(z.string(), z.string().max(8192)).optional().describe('Further headers for the vendor.'),
  allowedHeaders: z
    .array(z.string().regex(/^[A-Za-z0-9-]{1,100}$/, '1 to 100 letters, digits and hyphens'))
    .max(20)
    .optional()
    .describe(
      'Exact names of further request headers that callers may set, e.g. helicone-user-id. Never one that is stored ' +
        'with the connection, carries a credential, or chooses where a gateway sends the call.',
    ),
  emulated: z.boolean().optional(),
  saveAnyway: z.boolean().optional().describe('Saves also when the vendor cannot be reached to try the key.'),
})

/**
 * Changes a connection; what is absent stays. With another origin nothing of the stored headers stays: the credential is
 * given again, so that it never goes where it was not meant to go.
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
      .describe('Headers to set; null takes one away. Those that are not named stay.'),
  })

/** What came of trying a connection. */
export const connectionCheck = z.strictObject({
  outcome: z.enum(['works', 'key-rejected', 'out-of-credit', 'unreachable']),
  message: z.string().describe('For people.'),
  vendorMessage: z.string().nullable().describe("The vendor's own words, free of keys."),
  remedy: z.string().nullable().describe('What to do, and who.'),
})

/** Fields whose value is a secret: no message ever quotes them. */
export const SECRET_FIELDS: readonly string[] = ['apiKey', 'headers', 'adminKey'] satisfies (
  | keyof SaveConnectionBody
  | keyof LoginBody
)[]

/** A vendor of the registry as plain data. */
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
