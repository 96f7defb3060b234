import { Alert, Button, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { Icon } from '../layout/icons.tsx'
import { STRINGS } from '../strings.ts'
import { type Candidate, Candidates } from './candidates.tsx'
import { CodeBlock } from './code-block.tsx'
import { defaultsOf, inputOf, missingOf, type Properties, type Values, withValue } from './properties.ts'
import { PropertyField } from './property-field.tsx'
import { RunColumn } from './run-column.tsx'
import type { ActionName } from './use-options.ts'

/** Where an answer stands beside the form: as in console.css. */
const BESIDE = '(min-width: 75em)'

/** Runs, side by side. */
type Asked = readonly { readonly key: string; readonly input: Values }[]

/** The form of an action, and what came of the runs. A failed run leaves the form as it is. */
export function Step({ of, properties }: { readonly of: ActionName; readonly properties: Properties }) {
  const [values, setValues] = useState<Values>(() => defaultsOf(properties))
  const [others, setOthers] = useState<readonly Candidate[]>([])
  const [asked, setAsked] = useState<Asked>()
  const [missing, setMissing] = useState<readonly string[]>([])
  const answers = useRef<HTMLElement>(null)
  const input = inputOf(properties, values)
  const run = (event: FormEvent) => {
    event.preventDefault()
    const inputs = [input, ...others.map(({ provider, model }) => ({ ...input, provider, model }))]
    const lacking = [...new Set(inputs.flatMap((one) => missingOf(properties, one)))]
    setMissing(lacking)
    if (lacking.length > 0) return
    const at = Date.now()
    setAsked(inputs.map((one, place) => ({ key: `${at}/${place}`, input: one })))
    // Several answers stand below the form, and on a narrow screen one does too.
    const isBeside = inputs.length === 1 && window.matchMedia(BESIDE).matches
    requestAnimationFrame(() => answers.current?.scrollIntoView({ block: isBeside ? 'nearest' : 'start' }))
  }
  const isWide = (asked?.length ?? 0) > 1
  return (
    <SimpleGrid cols={{ base: 1, lg: isWide ? 1 : 2 }} spacing="lg" style={{ alignItems: 'start' }}>
      <Paper className="surface" p="md" component="form" noValidate onSubmit={run} miw={0}>
        <Stack gap="md">
          {Object.entries(properties).map(([name, property]) => (
            <PropertyField
              key={name}
              of={of}
              name={name}
              property={property}
              value={values[name]}
              values={values}
              onChange={(value) => {
                setValues((known) => withValue(properties, known, name, value))
                setMissing([])
              }}
            />
          ))}
          {'provider' in properties && 'model' in properties && (
            <Candidates of={of} properties={properties} value={others} onChange={setOthers} />
          )}
          {missing.length > 0 && (
            <Alert variant="light" color="red" role="alert">
              {STRINGS.step.missing(missing)}
            </Alert>
          )}
          <Group>
            <Button type="submit" leftSection={<Icon name="play" size={16} />}>
              {STRINGS.step.run}
            </Button>
          </Group>
          <CodeBlock of={of} input={input} />
        </Stack>
      </Paper>
      <section aria-label={STRINGS.step.answers} ref={answers} className={asked && (isWide ? 'below' : 'below beside')}>
        {asked ? (
          <SimpleGrid cols={columnsFor(asked.length)} style={{ alignItems: 'start' }}>
            {asked.map(({ key, input: one }) => (
              <RunColumn key={key} of={of} input={one} />
            ))}
          </SimpleGrid>
        ) : (
          <Paper className="surface" p="xl">
            <Text c="dimmed" ta="center">
              {STRINGS.step.noAnswer}
            </Text>
          </Paper>
        )}
      </section>
    </SimpleGrid>
  )
}

function columnsFor(runs: number) {
  return { base: 1, md: Math.min(runs, 2), xl: Math.min(runs, 4) }
}
