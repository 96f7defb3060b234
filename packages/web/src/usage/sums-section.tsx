import type { UsageSummary } from '@activepieces/contract'
import { Button, Group, Loader, Paper, SegmentedControl, Title } from '@mantine/core'
import { useState } from 'react'
import { useUsageSummary } from '../api/queries.ts'
import { count, duration, money } from '../format.ts'
import { DataTable } from '../layout/data-table.tsx'
import { Icon } from '../layout/icons.tsx'
import { Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import { csvOf, download } from './csv.ts'
import type { UsageSlice } from './usage-screen.tsx'

const WORDS = STRINGS.usage
type GroupName = keyof typeof WORDS.groups

export const SUMS_AT_FIRST = 'provider' satisfies GroupName

/** The sums in a table, by what one asks for; as a file too. */
export function SumsSection({ slice }: { readonly slice: UsageSlice }) {
  const [by, setBy] = useState<GroupName>(SUMS_AT_FIRST)
  const sums = useUsageSummary({ groupBy: by, ...slice })
  const rows = sums.data?.data ?? []
  return (
    <Paper className="surface" p="md" component="section" aria-label={WORDS.by}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {WORDS.by}
        </Title>
        <Group gap="sm">
          {sums.isPlaceholderData && <Loader size="xs" aria-label={STRINGS.loading} />}
          <SegmentedControl
            size="xs"
            aria-label={WORDS.by}
            data={Object.entries(WORDS.groups).map(([value, label]) => ({ value, label }))}
            value={by}
            onChange={(next) => isGroup(next) && setBy(next)}
          />
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="download" size={14} />}
            disabled={rows.length === 0 || sums.isPlaceholderData}
            onClick={() => download(`usage-by-${by}.csv`, csvOf(by, rows))}
          >
            {WORDS.csv}
          </Button>
        </Group>
      </Group>
      <Loaded query={sums} height={200}>
        {({ data }) => (
          <DataTable
            label={`${WORDS.by}: ${WORDS.groups[by]}`}
            columns={[WORDS.groups[by], ...WORDS.columns]}
            numbersFrom={1}
            minWidth={820}
            rows={data.map((row) => ({ key: row.group ?? '', cells: [row.group ?? WORDS.unknown, ...cellsOf(row)] }))}
          />
        )}
      </Loaded>
    </Paper>
  )
}

function cellsOf(row: UsageSummary['data'][number]): string[] {
  return [
    count(row.calls),
    count(row.failedCalls),
    count(row.promptTokens),
    count(row.cacheReadTokens),
    count(row.completionTokens),
    row.unpricedCalls > 0 && row.costUsd === 0 ? '?' : money(row.costUsd) + (row.unpricedCalls > 0 ? ' + ?' : ''),
    row.medianFirstByteMs === null ? '–' : duration(row.medianFirstByteMs),
  ]
}

function isGroup(name: string): name is GroupName {
  return name in WORDS.groups
}
