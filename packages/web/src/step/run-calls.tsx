import { ROUTES, type UsagePage, type UsageRow } from '@activepieces/contract'
import { Skeleton, Table } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { withQuery } from '../api/paths.ts'
import { count, duration, money } from '../format.ts'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.calls

/** How long a call may take to be written down, in milliseconds. */
const PATIENCE = 5_000

/** Of the table, in pixels. */
const HEAD = 38
const ROW = 28

/**
 * The calls of vendors that a run has made, as the server has counted them: tokens, cost, time to the first byte.
 *
 * @param sent how many there are
 */
export function RunCalls({ runId, sent }: { readonly runId: string; readonly sent: number }) {
  const [since] = useState(Date.now)
  const lacks = (page: UsagePage | undefined, now = Date.now()) =>
    (page?.data.length ?? 0) < sent && now - since < PATIENCE
  const { data, dataUpdatedAt, isError } = useQuery({
    queryKey: ['usage', 'run', runId],
    queryFn: ({ signal }) => call<UsagePage>(withQuery(ROUTES.usage, { runId }), { signal }),
    // They are written a moment after the answer.
    refetchInterval: ({ state }) => (lacks(state.data) ? 400 : false),
  })
  // The place is kept until they are there, so that what stands below stays where it is.
  if (!isError && lacks(data, dataUpdatedAt))
    return <Skeleton height={HEAD + sent * ROW} role="status" aria-label={STRINGS.loading} />
  if (!data || data.data.length === 0) return null
  return (
    <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={4} fz="xs" className="numbers" aria-label={WORDS.title}>
        <Table.Thead>
          <Table.Tr>
            {WORDS.columns.map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.data.map((row) => (
            <Table.Tr key={row.id}>
              <Table.Td>{row.model ?? row.operation}</Table.Td>
              <Table.Td>{row.status ?? '–'}</Table.Td>
              <Table.Td>{tokensOf(row)}</Table.Td>
              <Table.Td>{row.costUsd === null ? WORDS.costUnknown : money(row.costUsd)}</Table.Td>
              <Table.Td>{row.firstByteMs === null ? '–' : duration(row.firstByteMs)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function tokensOf({ uncachedTokens, cacheReadTokens, outputTokens, reasoningTokens }: UsageRow): string {
  const sum = (...parts: (number | null)[]) =>
    parts.every((part) => part === null) ? '?' : count(parts.reduce<number>((all, part) => all + (part ?? 0), 0))
  return `${sum(uncachedTokens, cacheReadTokens)} → ${sum(outputTokens, reasoningTokens)}`
}
