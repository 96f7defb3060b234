import type { EngineTokens } from '../../auth/engine-tokens.ts'
import { LOCAL_PROJECT } from '../../auth/local-project.ts'
import { createRedactor } from '../../platform/secrets/redactor.ts'
import type { Connections, TargetDraft } from './connections.ts'
import type { RelayOutcome } from './relay-outcome.ts'

/** How the library reaches a connection during its test. */
export type TestTarget = {
  readonly provider: string
  readonly server: { apiUrl: string; token: string }
  /** How the calls to the vendor ended so far, oldest first. */
  readonly outcomes: readonly RelayOutcome[]
}

/** Runs a test with a credential that may not be stored, through the library's provider and our own proxy. */
export type TestConnection = <T>(
  draft: TargetDraft,
  options: {
    /** Lifetime of the test's token in seconds, 60 to 3600. */
    readonly seconds: number
  },
  run: (target: TestTarget) => Promise<T>,
) => Promise<T>

/** @param apiUrl URL at which the server reaches itself */
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

/** Removes the credentials and the temporary name of the connection from the result of a test. */
export function createTestRedactor({ headers }: Pick<TargetDraft, 'headers'>): (words: string) => string {
  const { redact } = createRedactor(headers.reveal())
  return (words) => redact(words).replace(/@try-[\da-f-]{36}/g, '')
}
