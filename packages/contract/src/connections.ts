import { z } from 'zod'

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
  status: connectionStatus,
  statusReason: z.string().nullable().describe("Why, in the vendor's own words where it has said some."),
  checkedAt: z.iso.datetime().nullable().describe('When the status was seen.'),
  lastUsedAt: z.iso.datetime().nullable(),
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
  emulated: z.boolean().optional(),
})

/** Fields whose value is a secret: no message ever quotes them. */
export const SECRET_FIELDS: readonly string[] = ['apiKey', 'headers'] satisfies (keyof SaveConnectionBody)[]

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
export type SaveConnectionBody = z.infer<typeof saveConnectionBody>
export type CatalogueEntry = z.infer<typeof catalogueEntry>
export type Catalogue = z.infer<typeof catalogue>
