import { ROUTES, type UsagePage, type UsageRow } from '@activepieces/contract'
import { Button, Checkbox, Group, Paper, Skeleton, Title } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { withQuery } from '../api/paths.ts'
import { count, duration, moment, money } from '../format.ts'
import { DataTable } from '../layout/data-table.tsx'
import { Failure } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import type { UsageSlice } from './usage-screen.tsx'

const WORDS = STRINGS.usage

/** The calls themselves, newest first, a page at a time. */
export function CallsSection({ slice }: { readonly slice: UsageSlice }) {
  const [onlyFailed, setOnlyFailed] = useState(false)
  const query = { ...slice, outcome: onlyFailed ? 'failed' : undefined, limit: 25 }
  const calls = useInfiniteQuery({
    queryKey: ['usage', 'calls', query],
    queryFn: ({ signal, pageParam }) =>
      call<UsagePage>(withQuery(ROUTES.usage, { ...query, cursor: pageParam }), { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  })
  const rows = calls.data?.pages.flatMap(({ data }) => data) ?? []
  return (
    <Paper className="surface" p="md" component="section" aria-label={WORDS.calls}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {WORDS.calls}
        </Title>
        <Checkbox
          label={WORDS.onlyFailed}
          checked={onlyFailed}
          onChange={(event) => setOnlyFailed(event.currentTarget.checked)}
        />
      </Group>
      {calls.isPending && <Skeleton height={300} role="status" aria-label={STRINGS.loading} />}
      {calls.isError && <Failure message={calls.error.message} onRetry={() => calls.refetch()} />}
      {calls.data && (
        <DataTable
          label={WORDS.calls}
          columns={WORDS.callColumns}
          minWidth={900}
          rows={rows.map((row) => ({ key: row.id, cells: cellsOf(row) }))}
        />
      )}
      {calls.hasNextPage && (
        <Group justify="center" mt="sm">
          <Button variant="default" loading={calls.isFetchingNextPage} onClick={() => calls.fetchNextPage()}>
            {WORDS.older}
          </Button>
        </Group>
      )}
    </Paper>
  )
}

function cellsOf(row: UsageRow): string[] {
  const prompt = sumOf(row.uncachedTokens, row.cacheReadTokens)
  const completion = sumOf(row.outputTokens, row.reasoningTokens)
  return [
    moment(row.at),
    row.connection,
    row.model ?? row.operation,
    [row.status ?? row.completeness, row.error].filter((word) => word !== null).join(' · '),
    `${prompt} → ${completion}`,
    costOf(row),
    duration(row.totalMs),
    row.projectId,
  ]
}

function costOf({ costUsd, estimated }: UsageRow): string {
  if (costUsd === null) return '?'
  return estimated ? WORDS.estimated(money(costUsd)) : money(costUsd)
}

/** What nobody knows is no 0. */
function sumOf(...parts: readonly (number | null)[]): string {
  if (parts.every((part) => part === null)) return '?'
  return count(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0))
}
