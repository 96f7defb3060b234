import { type ProjectList, ROUTES, type UsageSummary } from '@activepieces/contract'
import { Group, Paper, Select, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { useUsageSummary } from '../api/queries.ts'
import { count, money, shortCount } from '../format.ts'
import { Screen } from '../layout/screen.tsx'
import { Empty, Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import { CallsSection } from './calls-section.tsx'
import { DayChart } from './day-chart.tsx'
import { FailuresSection, useFailures } from './failures-section.tsx'
import { SUMS_AT_FIRST, SumsSection } from './sums-section.tsx'

const WORDS = STRINGS.usage
const DAY = 86_400_000

/** About that of the whole screen, in pixels. */
const HEIGHT = 1_200

/** Which calls are looked at. */
export type UsageSlice = { readonly from: string; readonly projectId: string | undefined }

/** What calls have cost and used, and what failed. */
export function UsageScreen() {
  const [now] = useState(Date.now)
  const [days, setDays] = useState('30')
  const [projectId, setProject] = useState<string | null>(null)
  // From the first moment of a day, so that the days are whole.
  const from = new Date(Math.floor(now / DAY) * DAY - (Number(days) - 1) * DAY).toISOString()
  const slice = { from, projectId: projectId ?? undefined }
  const byDay = useUsageSummary({ groupBy: 'day', splitBy: 'provider', ...slice })
  // Asked at once, and shown together: what comes later would push down what is read already.
  const sums = useUsageSummary({ groupBy: SUMS_AT_FIRST, ...slice })
  const failures = useFailures(slice)
  const waits = sums.isPending || failures.isPending
  return (
    <Screen
      title={STRINGS.nav.usage}
      intro={WORDS.intro}
      actions={<Filters {...{ days, setDays, projectId, setProject }} />}
    >
      <Loaded query={byDay} height={HEIGHT} waits={waits}>
        {(summary) =>
          summary.total.calls === 0 ? (
            <Empty>{WORDS.none}</Empty>
          ) : (
            <>
              <Totals total={summary.total} />
              <DayChart summary={summary} from={from} days={Number(days)} />
              <SumsSection slice={slice} />
              <FailuresSection slice={slice} />
              <CallsSection slice={slice} />
            </>
          )
        }
      </Loaded>
    </Screen>
  )
}

type FilterProps = {
  readonly days: string
  readonly setDays: (days: string) => void
  readonly projectId: string | null
  readonly setProject: (id: string | null) => void
}

function Filters({ days, setDays, projectId, setProject }: FilterProps) {
  const projects = useQuery({
    queryKey: ['projects'],
    queryFn: ({ signal }) => call<ProjectList>(ROUTES.projects, { signal }),
  })
  return (
    <Group gap="sm">
      <Select
        w={150}
        aria-label={WORDS.period}
        allowDeselect={false}
        data={Object.entries(WORDS.periods).map(([value, label]) => ({ value, label }))}
        value={days}
        onChange={(next) => next !== null && setDays(next)}
      />
      <Select
        w={170}
        aria-label={WORDS.project}
        placeholder={WORDS.allProjects}
        clearable
        clearButtonProps={{ 'aria-label': WORDS.allProjects }}
        data={(projects.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={projectId}
        onChange={setProject}
      />
    </Group>
  )
}

function Totals({ total }: { readonly total: UsageSummary['total'] }) {
  const facts = [
    [
      WORDS.cost,
      money(total.costUsd),
      [
        total.unpricedCalls > 0 ? WORDS.unpriced(count(total.unpricedCalls)) : WORDS.allPriced,
        ...(total.estimatedCalls > 0 ? [WORDS.estimatedCalls(count(total.estimatedCalls))] : []),
      ].join(' · '),
    ],
    [WORDS.callsName, count(total.calls), ''],
    [WORDS.failedName, count(total.failedCalls), `${((100 * total.failedCalls) / total.calls).toFixed(1)} %`],
    [WORDS.tokensName, shortCount(total.promptTokens + total.completionTokens), ''],
  ]
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      {facts.map(([name, value, words]) => (
        <Paper key={name} className="surface" p="md">
          <Stack gap={2}>
            <Text size="sm" c="dimmed">
              {name}
            </Text>
            <Text fz={24} fw={650} className="numbers" lh={1.2}>
              {value}
            </Text>
            <Text size="xs" c="dimmed">
              {words}
            </Text>
          </Stack>
        </Paper>
      ))}
    </SimpleGrid>
  )
}
