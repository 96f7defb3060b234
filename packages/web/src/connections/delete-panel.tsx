import { type Connection, ROUTES } from '@activepieces/contract'
import { Button, Code, Group, List, Skeleton, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { pathOf } from '../api/paths.ts'
import { useConnectionsChanged, useUsageSummary } from '../api/queries.ts'
import { ago, count } from '../format.ts'
import { Failure } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.connection
const MONTH = 30 * 86_400_000

/** Deletes a connection, after it has said what will stop working. */
export function DeletePanel({ connection, onDone }: { readonly connection: Connection; readonly onDone: () => void }) {
  const { slug, provider, lastUsedAt } = connection
  const changed = useConnectionsChanged()
  const remove = useMutation({
    mutationFn: () => call<void>(pathOf(ROUTES.aiProvider, { idOrSlug: slug }), { method: 'DELETE' }),
    onSuccess: async () => {
      await changed()
      onDone()
    },
  })
  return (
    <Stack>
      <Text>
        {WORDS.stops} <Code>{slug === provider ? provider : `${provider}@${slug}`}</Code> {WORDS.stopsAtOnce}
      </Text>
      <Users slug={slug} />
      <Text size="sm" c="dimmed">
        {lastUsedAt === null ? WORDS.neverUsed : WORDS.used(ago(lastUsedAt))}. {WORDS.keyIsGone}
      </Text>
      {remove.error && <Failure message={remove.error.message} />}
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={onDone}>
          {STRINGS.cancel}
        </Button>
        <Button color="red.8" loading={remove.isPending} onClick={() => remove.mutate()}>
          {WORDS.delete}
        </Button>
      </Group>
    </Stack>
  )
}

/** Which projects have called through it lately. */
function Users({ slug }: { readonly slug: string }) {
  const [from] = useState(() => new Date(Date.now() - MONTH).toISOString())
  const usage = useUsageSummary({ groupBy: 'project', connection: slug, from })
  if (usage.isPending) return <Skeleton height={24} />
  if (usage.isError) return <Text size="sm">{WORDS.usersUnknown}</Text>
  if (usage.data.data.length === 0) return <Text size="sm">{WORDS.noUsers}</Text>
  return (
    <div>
      <Text size="sm">{WORDS.users}</Text>
      <List size="sm">
        {usage.data.data.map(({ group, calls }) => (
          <List.Item key={group}>{WORDS.user(group ?? '', count(calls))}</List.Item>
        ))}
      </List>
    </div>
  )
}
