import { type AuditEntry, type AuditPage, ROUTES } from '@activepieces/contract'
import { Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { withQuery } from '../api/paths.ts'
import { moment } from '../format.ts'
import { CodeText } from '../layout/code.tsx'
import { DataTable } from '../layout/data-table.tsx'
import { Disclosure } from '../layout/disclosure.tsx'
import { Screen } from '../layout/screen.tsx'
import { Empty, Failure } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.audit

/** Every change of an admin, a page at a time. */
export function AuditScreen() {
  return (
    <Screen title={STRINGS.nav.audit} intro={WORDS.intro}>
      <Entries />
    </Screen>
  )
}

function Entries() {
  const audit = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ signal, pageParam }) =>
      call<AuditPage>(withQuery(ROUTES.audit, { limit: 50, cursor: pageParam }), { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })
  if (audit.isPending) return <Skeleton height={480} radius="md" role="status" aria-label={STRINGS.loading} />
  const entries = audit.data?.pages.flatMap(({ data }) => data) ?? []
  return (
    <Stack>
      {audit.isError && <Failure message={audit.error.message} onRetry={() => audit.refetch()} />}
      {entries.length === 0 && !audit.isError && <Empty>{WORDS.empty}</Empty>}
      {entries.length > 0 && (
        <Paper className="surface" p="xs">
          <DataTable
            label={STRINGS.nav.audit}
            columns={WORDS.columns}
            minWidth={760}
            rows={entries.map((entry) => ({
              key: entry.id,
              cells: [moment(entry.at), entry.who, entry.action, entry.target, <Details key="details" entry={entry} />],
            }))}
          />
        </Paper>
      )}
      <Group justify="center">
        {audit.hasNextPage ? (
          <Button variant="default" loading={audit.isFetchingNextPage} onClick={() => audit.fetchNextPage()}>
            {WORDS.older}
          </Button>
        ) : (
          entries.length > 0 && (
            <Text size="sm" c="dimmed">
              {WORDS.all}
            </Text>
          )
        )}
      </Group>
    </Stack>
  )
}

function Details({ entry: { before, after, requestId } }: { readonly entry: AuditEntry }) {
  return (
    <Disclosure title={WORDS.details}>
      <Stack gap="xs" maw={420}>
        {before !== null && <CodeText label={WORDS.before}>{JSON.stringify(before, null, 2)}</CodeText>}
        {after !== null && <CodeText label={WORDS.after}>{JSON.stringify(after, null, 2)}</CodeText>}
        {requestId !== null && (
          <Text size="xs" c="dimmed">
            {WORDS.requestId(requestId)}
          </Text>
        )}
      </Stack>
    </Disclosure>
  )
}
