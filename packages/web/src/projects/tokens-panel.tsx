import { type NewProjectToken, type ProjectTokenList, ROUTES } from '@activepieces/contract'
import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { pathOf } from '../api/paths.ts'
import { ago } from '../format.ts'
import { CodeText } from '../layout/code.tsx'
import { Copy } from '../layout/copy.tsx'
import { DataTable } from '../layout/data-table.tsx'
import { Failure, Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.projects

/** The long-lived tokens of a project. One that is made is shown this once. */
export function TokensPanel({ projectId }: { readonly projectId: string }) {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const path = pathOf(ROUTES.projectTokens, { id: projectId })
  const tokens = useQuery({
    queryKey: ['tokens', projectId],
    queryFn: ({ signal }) => call<ProjectTokenList>(path, { signal }),
  })
  const changed = () => queries.invalidateQueries({ queryKey: ['tokens', projectId] })
  const create = useMutation({
    mutationFn: () => call<NewProjectToken>(path, { body: { name } }),
    onSuccess: async () => {
      setName('')
      await changed()
    },
    // It is not kept anywhere.
    gcTime: 0,
  })
  const revoke = useMutation({
    mutationFn: (tokenId: string) =>
      call<void>(pathOf(ROUTES.projectToken, { id: projectId, tokenId }), { method: 'DELETE' }),
    onSuccess: changed,
  })
  const error = create.error ?? revoke.error
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {WORDS.tokensWhy}
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <Group align="flex-end" wrap="nowrap">
          <TextInput
            flex={1}
            label={WORDS.tokenName}
            required
            maxLength={100}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" loading={create.isPending}>
            {WORDS.createToken}
          </Button>
        </Group>
      </form>
      {create.data && (
        <Alert color="green" variant="light" role="status" title={WORDS.tokenOnce}>
          <Stack gap="xs" align="flex-start">
            <CodeText label={WORDS.token}>{create.data.token}</CodeText>
            <Copy value={create.data.token} what={WORDS.token} />
          </Stack>
        </Alert>
      )}
      {error && <Failure message={error.message} />}
      <Loaded query={tokens} height={80}>
        {({ data }) =>
          data.length === 0 ? (
            <Text size="sm">{WORDS.noTokens}</Text>
          ) : (
            <DataTable
              label={WORDS.tokens}
              columns={WORDS.tokenColumns}
              minWidth={480}
              rows={data.map(({ id, name: whom, prefix, created, lastUsedAt }) => ({
                key: id,
                cells: [
                  whom,
                  `${prefix}…`,
                  ago(created),
                  lastUsedAt === null ? WORDS.never : ago(lastUsedAt),
                  <Button
                    key="revoke"
                    size="compact-sm"
                    variant="default"
                    aria-label={WORDS.revokeOne(whom)}
                    loading={revoke.isPending && revoke.variables === id}
                    onClick={() => revoke.mutate(id)}
                  >
                    {WORDS.revoke}
                  </Button>,
                ],
              }))}
            />
          )
        }
      </Loaded>
    </Stack>
  )
}
