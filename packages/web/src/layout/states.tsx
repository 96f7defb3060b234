import { Alert, Button, Paper, Skeleton, Stack, Text } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { STRINGS } from '../strings.ts'

type LoadedProps<T> = {
  readonly query: UseQueryResult<T>
  readonly children: (data: T) => ReactNode
  /** The height that the data will take, so that nothing jumps when it is there. */
  readonly height?: number
  /** Something else that is shown along with it is still on its way. */
  readonly waits?: boolean
}

/** The data of a query, or how it stands: on its way, or why it cannot be had. What was there once stays while it is renewed. */
export function Loaded<T>({ query, children, height = 240, waits = false }: LoadedProps<T>) {
  if (query.data !== undefined && !waits) {
    return (
      <>
        {query.isError && <Failure message={query.error.message} onRetry={() => query.refetch()} />}
        {children(query.data)}
      </>
    )
  }
  if (query.isError) return <Failure message={query.error.message} onRetry={() => query.refetch()} />
  return <Skeleton height={height} radius="md" role="status" aria-label={STRINGS.loading} />
}

export function Failure({ message, onRetry }: { readonly message: string; readonly onRetry?: () => void }) {
  return (
    <Alert color="red" role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{message}</Text>
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {STRINGS.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

export function Empty({ children }: { readonly children: ReactNode }) {
  return (
    <Paper className="surface" p="xl">
      <Text ta="center" c="dimmed">
        {children}
      </Text>
    </Paper>
  )
}
