import '@mantine/charts/styles.css'
import type { UsageSummary } from '@activepieces/contract'
import { BarChart } from '@mantine/charts'
import { money } from '../format.ts'
import { STRINGS } from '../strings.ts'

const COLOURS = ['brand.5', 'teal.6', 'orange.6', 'pink.6', 'cyan.7', 'lime.7', 'grape.6', 'yellow.7']
const DAY = 86_400_000

type Props = { readonly summary: UsageSummary; readonly from: string; readonly days: number }

/** Cost by day, stacked by provider. The table below says the same in words, so that this is a picture and no more. */
export function CostChart({ summary, from, days }: Props) {
  const providers = [...new Set(summary.data.map(({ split }) => split ?? STRINGS.usage.unknown))]
  const series = providers.map((name, place) => ({ name, color: COLOURS[place % COLOURS.length] ?? 'gray.6' }))
  return (
    <div aria-hidden="true">
      <BarChart
        h={260}
        data={rowsOf(summary, from, days)}
        dataKey="day"
        type="stacked"
        series={series}
        valueFormatter={money}
        withLegend={providers.length > 1}
        legendProps={{ verticalAlign: 'bottom' }}
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false, maxBarSize: 36 }}
        yAxisProps={{ width: 64 }}
        tickLine="none"
        gridAxis="y"
      />
    </div>
  )
}

/** A row a day, those without calls too. */
function rowsOf({ data }: UsageSummary, from: string, days: number): Record<string, string | number>[] {
  return Array.from({ length: days }, (_, place) => {
    const day = new Date(Date.parse(from) + place * DAY).toISOString().slice(0, 10)
    const costs = data
      .filter(({ group }) => group === day)
      .map(({ split, costUsd }) => [split ?? STRINGS.usage.unknown, costUsd] as const)
    return { ...Object.fromEntries(costs), day: day.slice(5) }
  })
}
