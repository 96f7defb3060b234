import { type ConnectionCheck, ERROR_CODES } from '@activepieces/contract'
import { AI, AIError, type AIListedModel, capabilitiesOf, listModels } from '@activepieces/pieces-common'
import { LOCAL_PROJECT } from '../projects/projects.ts'
import { proxyTarget } from '../proxy/target.ts'
import type { EngineTokens } from '../tokens/engine-tokens.ts'
import type { Connections } from './connections.ts'
import type { ConnectionDraft } from './save.ts'
import type { HeaderValues } from './sealed-headers.ts'

/** Tries a credential where it would be used: through the vendor's own provider file and our own proxy. */
export type Checker = (
  draft: Pick<ConnectionDraft, 'provider' | 'slug' | 'base_url' | 'headers'>,
) => Promise<ConnectionCheck>

/** How long the chat of a try may take, in milliseconds. */
const PATIENCE = 20_000

/**
 * Asks for the list of models, then for one word of the first model for text: many a list is open to everyone, and none
 * shows that the credit is used up. The word costs a few tokens.
 *
 * @param apiUrl where the server reaches itself
 */
export function connectionChecker(
  connections: Pick<Connections, 'lend'>,
  tokens: Pick<EngineTokens, 'mint'>,
  apiUrl: () => string,
): Checker {
  return async ({ provider, slug, base_url, headers }) => {
    const id = `try of ${slug}`
    const { address, end } = connections.lend(provider, proxyTarget({ id, slug, provider }, base_url, headers))
    try {
      const claims = { projectId: LOCAL_PROJECT, connectionId: id, expiresInSeconds: 120 }
      const { token } = await tokens.mint(claims)
      const result = await tryIt({ provider: address, server: { apiUrl: apiUrl(), token } })
      return withoutValues(result, headers)
    } finally {
      end()
    }
  }
}

async function tryIt(at: { provider: string; server: { apiUrl: string; token: string } }): Promise<ConnectionCheck> {
  const list = await listModels(at)
  if (list.reason && END_OF_TRY.includes(list.reason.code)) return toCheck(list.reason)
  const model = firstForText(list.models, list.live)
  if (!model)
    return list.live ? works(`The vendor lists ${list.models.length} models.`) : toCheck(list.reason ?? NOTHING_TO_TRY)
  try {
    const messages = [{ role: 'user' as const, content: 'Say ok.' }]
    await AI(at).chat.text({ model: model.value, messages, maxTokens: 16, signal: AbortSignal.timeout(PATIENCE) })
    return works(`The model ${model.value} answered.`)
  } catch (error) {
    if (!(error instanceof AIError)) throw error
    return toCheck(error)
  }
}

/** What a list of models fails with that a chat would fail with too. */
const END_OF_TRY: readonly AIError['code'][] = [
  'authentication',
  'out-of-credit',
  'unreachable',
  'timeout',
  'interrupted',
  'server-error',
  'overloaded',
  'not-configured',
]

/** One that the vendor lists, where it says what it has. */
function firstForText(models: readonly AIListedModel[], live: boolean): AIListedModel | undefined {
  const forText = models.filter((model) => capabilitiesOf(model).includes('text'))
  return forText.find(({ listed }) => !live || listed === true) ?? forText[0]
}

const NOTHING_TO_TRY = new AIError({ code: 'unsupported', message: 'This provider has nothing that can be tried.' })

function outcomeOf({ code }: AIError): ConnectionCheck['outcome'] {
  return OUTCOMES[code] ?? 'works'
}

/** What is not here was said by a vendor that had taken the key: a model that is not there, a reply that was cut short. */
const OUTCOMES: Partial<Record<AIError['code'], ConnectionCheck['outcome']>> = {
  authentication: 'key-rejected',
  permission: 'key-rejected',
  'out-of-credit': 'out-of-credit',
  unreachable: 'unreachable',
  timeout: 'unreachable',
  interrupted: 'unreachable',
  'not-found': 'unreachable',
  'not-configured': 'unreachable',
  'server-error': 'unreachable',
  overloaded: 'unreachable',
  'invalid-reply': 'unreachable',
  aborted: 'unreachable',
  unsupported: 'unreachable',
  unknown: 'unreachable',
}

function works(message: string): ConnectionCheck {
  return { outcome: 'works', message, vendorMessage: null, remedy: null }
}

function toCheck(error: AIError): ConnectionCheck {
  const { message, remedy, vendorCode } = error
  const own = ERROR_CODES.some((code) => code === vendorCode)
  const vendorMessage = own ? null : (error.vendorMessage ?? null)
  return { outcome: outcomeOf(error), message, vendorMessage, remedy }
}

/** A vendor may quote what it was sent. */
function withoutValues(check: ConnectionCheck, headers: HeaderValues): ConnectionCheck {
  const values = Object.values(headers.reveal()).flatMap((value) => [value, ...value.split(/\s+/)])
  const secrets = values.filter((value) => value.length >= 4 && !/^bearer$/i.test(value))
  const clean = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
  const { message, vendorMessage } = check
  return { ...check, message: clean(message), vendorMessage: vendorMessage === null ? null : clean(vendorMessage) }
}
