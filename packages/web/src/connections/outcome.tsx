import type { ConnectionCheck } from '@activepieces/contract'
import { Alert, Blockquote, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { ApiFailure } from '../api/client.ts'
import { STRINGS } from '../strings.ts'

const COLOURS = { works: 'green', 'key-rejected': 'red', 'out-of-credit': 'red', unreachable: 'orange' } as const

/** What came of trying a connection, with the vendor's own words. */
export function Outcome({ check }: { readonly check: ConnectionCheck }) {
  const { outcome, message, vendorMessage, remedy } = check
  return (
    <Alert color={COLOURS[outcome]} variant="light" title={STRINGS.outcome[outcome]} role="status">
      <Stack gap={6}>
        <Text size="sm">{message}</Text>
        {vendorMessage !== null && !message.includes(vendorMessage) && (
          <Blockquote p="xs" cite={STRINGS.outcome.vendorSays}>
            {vendorMessage}
          </Blockquote>
        )}
        {remedy !== null && <Text size="sm">{remedy}</Text>}
      </Stack>
    </Alert>
  )
}

const OUTCOME_OF: Readonly<Record<string, ConnectionCheck['outcome']>> = {
  'key-rejected': 'key-rejected',
  'out-of-credit': 'out-of-credit',
  'vendor-unreachable': 'unreachable',
}

/** Which outcome a refusal to save tells of; undefined for any other failure. */
export function outcomeOf(error: Error | null): ConnectionCheck['outcome'] | undefined {
  return error instanceof ApiFailure && error.status === 422 ? OUTCOME_OF[error.code ?? ''] : undefined
}

type RefusalProps = {
  readonly error: Error
  /** The words stand at a field already. */
  readonly isAtField: boolean
  readonly children?: ReactNode
}

/** Why something was not saved; below it what can be done about it here. */
export function Refusal({ error, isAtField, children }: RefusalProps) {
  const outcome = outcomeOf(error)
  const colour = outcome === undefined ? 'red' : COLOURS[outcome]
  return (
    <Alert
      color={colour}
      variant="light"
      title={outcome === undefined ? STRINGS.notSaved : STRINGS.outcome[outcome]}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {isAtField ? STRINGS.seeField : error.message}
        </Text>
        {children}
      </Stack>
    </Alert>
  )
}
