import type { EngineTokens } from '../../auth/engine-tokens.ts'
import { LOCAL_PROJECT } from '../../auth/local-project.ts'
import { createRedactor } from '../../platform/secrets/redactor.ts'
import type { Connections, TargetDraft } from './connections.ts'
import type { RelayOutcome } from './relay-outcome.ts'

/** Where the library finds it while it is tried. */
export type TestTarget = {
  readonly provider: string
  readonly server: { apiUrl: string; token: string }
  /** How the calls to the vendor ended so far, oldest first. */
  readonly outcomes: readonly RelayOutcome[]
}

/** Uses a credential where it would be used: through the vendor's own provider file and our own proxy. */
export type TestConnection = <T>(
  draft: TargetDraft,
  options: {
    /** For how long, in seconds: 60 to 3600. */
    readonly seconds: number
  },
  run: (at: TestTarget) => Promise<T>,
) => Promise<T>

/** @param apiUrl where the server reaches itself */
export function createConnectionTester(
  connections: Pick<Connections, 'registerTemporaryTarget'>,
  tokens: Pick<EngineTokens, 'mint'>,
  apiUrl: () => string,
): TestConnection {
  return async (draft, { seconds }, run) => {
    const id = `try of ${draft.slug}`
    const outcomes: RelayOutcome[] = []
    const { address, end } = connections.registerTemporaryTarget(id, draft, (outcome) => void outcomes.push(outcome))
    try {
      const { token } = await tokens.mint({ projectId: LOCAL_PROJECT, connectionId: id, expiresInSeconds: seconds })
      return await run({ provider: address, server: { apiUrl: apiUrl(), token }, outcomes })
    } finally {
      end()
    }
  }
}

/** Redacts the outcome of a connection test: the credentials, and the temporary name of the connection. */
export function createTestRedactor({ headers }: Pick<TargetDraft, 'headers'>): (words: string) => string {
  const { redact } = createRedactor(headers.reveal())
  return (words) => redact(words).replace(/@try-[\da-f-]{36}/g, '')
}
