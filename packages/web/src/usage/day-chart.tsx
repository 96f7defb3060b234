import '@mantine/charts/styles.css'
import type { UsageSummary } from '@activepieces/contract'
import { BarChart } from '@mantine/charts'
import { Group, Paper, SegmentedControl, Title } from '@mantine/core'
import { useState } from 'react'
import { money, shortCount } from '../format.ts'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.usage
const COLOURS = ['brand.5', 'teal.6', 'orange.6', 'pink.6', 'cyan.7', 'lime.7', 'grape.6', 'yellow.7']
const DAY = 86_400_000

type Metric = keyof typeof WORDS.metrics
type Props = { readonly summary: UsageSummary; readonly from: string; readonly days: number }

/** What each day has cost or used, stacked by provider. The table below says it in words: this is a picture and no more. */
export function DayChart({ summary, from, days }: Props) {
  const [metric, setMetric] = useState<Metric>(summary.total.costUsd > 0 ? 'costUsd' : 'calls')
  const providers = [...new Set(summary.data.map(({ split }) => split ?? WORDS.unknown))]
  const series = providers.map((name, place) => ({ name, color: COLOURS[place % COLOURS.length] ?? 'gray.6' }))
  return (
    <Paper className="surface" p="md" component="section" aria-label={WORDS.chart}>
      <Group justify="space-between" mb="md">
        <Title order={2} size="h5">
          {WORDS.chart}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={WORDS.chart}
          data={Object.entries(WORDS.metrics).map(([value, label]) => ({ value, label }))}
          value={metric}
          onChange={(next) => isMetric(next) && setMetric(next)}
        />
      </Group>
      <div aria-hidden="true">
        <BarChart
          h={260}
          data={rowsOf(summary, metric, from, days)}
          dataKey="day"
          type="stacked"
          series={series}
          valueFormatter={metric === 'costUsd' ? money : shortCount}
          withLegend={providers.length > 1}
          legendProps={{ verticalAlign: 'bottom' }}
          barChartProps={{ accessibilityLayer: false }}
          barProps={{ isAnimationActive: false, maxBarSize: 36 }}
          yAxisProps={{ width: 64, allowDecimals: metric === 'costUsd' }}
          tickLine="none"
          gridAxis="x"
        />
      </div>
    </Paper>
  )
}

/** A row a day, those without calls too. */
function rowsOf({ data }: UsageSummary, metric: Metric, from: string, days: number) {
  return Array.from({ length: days }, (_, place) => {
    const day = new Date(Date.parse(from) + place * DAY).toISOString().slice(0, 10)
    const values = data
      .filter(({ group }) => group === day)
      .map((sums) => [sums.split ?? WORDS.unknown, amountOf(sums, metric)] as const)
    return { ...Object.fromEntries(values), day: day.slice(5) }
  })
}

function amountOf(sums: UsageSummary['data'][number], metric: Metric): number {
  return metric === 'tokens' ? sums.promptTokens + sums.completionTokens : sums[metric]
}

function isMetric(name: string): name is Metric {
  return name in WORDS.metrics
}
