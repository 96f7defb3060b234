import { type RevokedTokens, ROUTES } from '@activepieces/contract'
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { pathOf } from '../api/paths.ts'
import { Failure } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.projects

/** Ends all tokens of a project at once. */
export function RevokePanel({ projectId, onDone }: { readonly projectId: string; readonly onDone: () => void }) {
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => call<RevokedTokens>(pathOf(ROUTES.revokeTokens, { id: projectId }), { method: 'POST' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens', projectId] }),
  })
  return (
    <Stack>
      <Text>{WORDS.revokeWhat}</Text>
      {revoke.error && <Failure message={revoke.error.message} />}
      {revoke.data && (
        <Alert color="green" variant="light" role="status">
          {WORDS.revokeDone(revoke.data.projectTokens)}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={onDone}>
          {revoke.data ? STRINGS.close : STRINGS.cancel}
        </Button>
        {!revoke.data && (
          <Button color="red.8" loading={revoke.isPending} onClick={() => revoke.mutate()}>
            {WORDS.revokeAll}
          </Button>
        )}
      </Group>
    </Stack>
  )
}
