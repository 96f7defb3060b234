import { Paper, Text, Title } from '@mantine/core'
import { useUsageSummary } from '../api/queries.ts'
import { count } from '../format.ts'
import { DataTable } from '../layout/data-table.tsx'
import { Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import type { UsageSlice } from './usage-screen.tsx'

const WORDS = STRINGS.usage

export const useFailures = (slice: UsageSlice) =>
  useUsageSummary({ groupBy: 'actor', splitBy: 'error', outcome: 'failed', ...slice })

/** What failed, by who can do something about it. */
export function FailuresSection({ slice }: { readonly slice: UsageSlice }) {
  const failures = useFailures(slice)
  return (
    <Paper className="surface" p="md" component="section" aria-label={WORDS.failures}>
      <Title order={2} size="h5" mb="xs">
        {WORDS.failures}
      </Title>
      <Loaded query={failures} height={100}>
        {({ data }) =>
          data.length === 0 ? (
            <Text c="dimmed">{WORDS.noFailures}</Text>
          ) : (
            <DataTable
              label={WORDS.failures}
              columns={WORDS.failureColumns}
              numbersFrom={2}
              minWidth={420}
              rows={data.map(({ group, split, calls }) => ({
                key: `${group} ${split}`,
                cells: [actorOf(group), split ?? WORDS.unknown, count(calls)],
              }))}
            />
          )
        }
      </Loaded>
    </Paper>
  )
}

function actorOf(group: string | null): string {
  const known: Readonly<Record<string, string>> = WORDS.actors
  return (group === null ? undefined : known[group]) ?? WORDS.unknown
}
