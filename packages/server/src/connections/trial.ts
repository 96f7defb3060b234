import { LOCAL_PROJECT } from '../projects/projects.ts'
import type { RelayOutcome } from '../proxy/meter.ts'
import { proxyTarget } from '../proxy/target.ts'
import type { EngineTokens } from '../tokens/engine-tokens.ts'
import type { Connections } from './connections.ts'
import type { ConnectionDraft } from './save.ts'
import type { HeaderValues } from './sealed-headers.ts'

/** What is tried: a connection that is stored, or that may be. */
export type TrialDraft = Pick<ConnectionDraft, 'provider' | 'slug' | 'base_url' | 'headers'>

/** Where the library finds it while it is tried. */
export type TrialPlace = {
  readonly provider: string
  readonly server: { apiUrl: string; token: string }
  /** How the calls to the vendor ended so far, oldest first. */
  readonly outcomes: readonly RelayOutcome[]
}

/** Uses a credential where it would be used: through the vendor's own provider file and our own proxy. */
export type Trial = <T>(
  draft: TrialDraft,
  options: {
    /** For how long, in seconds: 60 to 3600. */
    readonly seconds: number
  },
  run: (at: TrialPlace) => Promise<T>,
) => Promise<T>

/** @param apiUrl where the server reaches itself */
export function trials(
  connections: Pick<Connections, 'lend'>,
  tokens: Pick<EngineTokens, 'mint'>,
  apiUrl: () => string,
): Trial {
  return async ({ provider, slug, base_url, headers }, { seconds }, run) => {
    const id = `try of ${slug}`
    const outcomes: RelayOutcome[] = []
    const onOver = (outcome: RelayOutcome) => void outcomes.push(outcome)
    const target = { ...proxyTarget({ id, slug, provider }, base_url, headers), onOver }
    const { address, end } = connections.lend(provider, target)
    try {
      const { token } = await tokens.mint({ projectId: LOCAL_PROJECT, connectionId: id, expiresInSeconds: seconds })
      return await run({ provider: address, server: { apiUrl: apiUrl(), token }, outcomes })
    } finally {
      end()
    }
  }
}

/** Takes the values of the headers out of words, which a vendor may quote, and the name that the connection is lent under. */
export function withoutValues(headers: HeaderValues): (words: string) => string {
  const values = Object.values(headers.reveal()).flatMap((value) => [value, ...value.split(/\s+/)])
  const secrets = values.filter((value) => value.length >= 4 && !/^bearer$/i.test(value))
  const clean = (words: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), words)
  return (words) => clean(words).replace(/@try-[\da-f-]{36}/g, '')
}
