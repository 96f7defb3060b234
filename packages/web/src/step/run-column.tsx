import { Button, Group, Paper, Title } from '@mantine/core'
import { useEffect } from 'react'
import { STRINGS } from '../strings.ts'
import type { Values } from './properties.ts'
import { ResultView } from './result-view.tsx'
import type { ActionName } from './use-options.ts'
import { useRun } from './use-run.ts'

/** One run from its beginning: it starts when it is shown and is ended when it is taken away. */
export function RunColumn({ of, input }: { readonly of: ActionName; readonly input: Values }) {
  const { state, start, stop } = useRun(of)
  useEffect(() => {
    void start(input)
    return stop
  }, [input, start, stop])
  const who = [input['provider'], input['model']].filter((word) => typeof word === 'string').join(' · ')
  return (
    <Paper className="surface" p="md" component="article" aria-label={who || STRINGS.step.answer} miw={0}>
      <Group justify="space-between" mih={30} wrap="nowrap">
        <Title order={2} size="h6" style={{ overflowWrap: 'anywhere' }}>
          {who || STRINGS.step.answer}
        </Title>
        {state.phase === 'running' && (
          <Button size="compact-sm" variant="default" onClick={stop}>
            {STRINGS.step.stop}
          </Button>
        )}
      </Group>
      <ResultView state={state} input={input} />
    </Paper>
  )
}
