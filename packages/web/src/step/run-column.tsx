import { Button, Card, Group, Text } from '@mantine/core'
import { useEffect } from 'react'
import { STRINGS } from '../strings.ts'
import type { Values } from './properties.ts'
import { ResultView } from './result-view.tsx'
import type { ActionName } from './use-options.ts'
import { useRun } from './use-run.ts'

/** One run from its beginning: it starts when it is shown and is ended when it is taken away. */
export function RunColumn({ of, input }: { readonly of: ActionName; readonly input: Values }) {
  const { state, start, stop } = useRun(of)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a column has one input for good
  useEffect(() => {
    void start(input)
    return stop
  }, [])
  const who = [input['provider'], input['model']].filter((word) => typeof word === 'string').join(' · ')
  return (
    <Card withBorder>
      <Group justify="space-between" mb="xs" mih={30}>
        <Text fw={600} size="sm">
          {who || STRINGS.step.answer}
        </Text>
        {state.phase === 'running' && (
          <Button size="compact-sm" variant="default" onClick={stop}>
            {STRINGS.step.stop}
          </Button>
        )}
      </Group>
      <ResultView state={state} />
    </Card>
  )
}
