import { type Connection, type ConnectionCheck, ROUTES } from '@activepieces/contract'
import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { pathOf } from '../api/paths.ts'
import { useConnectionsChanged } from '../api/queries.ts'
import { Failure } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import { Outcome } from './outcome.tsx'

/** Tries the stored credential at once and says what came of it. */
export function CheckPanel({ connection: { slug } }: { readonly connection: Connection }) {
  const [openedAt] = useState(Date.now)
  const changed = useConnectionsChanged()
  const check = useQuery({
    queryKey: ['check', slug, openedAt],
    queryFn: async () => {
      const result = await call<ConnectionCheck>(pathOf(ROUTES.checkConnection, { slug }), { method: 'POST' })
      await changed()
      return result
    },
    gcTime: 0,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (check.isFetching) {
    return (
      <Group role="status">
        <Loader size="sm" />
        <Text>{STRINGS.connection.checking}</Text>
      </Group>
    )
  }
  return (
    <Stack>
      {check.data && <Outcome check={check.data} />}
      {check.error && <Failure message={check.error.message} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={() => check.refetch()}>
          {STRINGS.connection.checkAgain}
        </Button>
      </Group>
    </Stack>
  )
}
