import type { Piece } from '@activepieces/contract'
import { Alert, Button, Card, Group, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { usePieces } from '../api/queries.ts'
import { Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import { type Candidate, Candidates } from './candidates.tsx'
import { CodeBlock } from './code-block.tsx'
import { defaultsOf, inputOf, missingOf, type Properties, type Values } from './properties.ts'
import { PropertyField } from './property-field.tsx'
import { RunColumn } from './run-column.tsx'

/** Runs any action of any piece, on one model or on several side by side. */
export function StepScreen() {
  const pieces = usePieces()
  return (
    <Stack>
      <div>
        <Title order={1}>{STRINGS.step.title}</Title>
        <Text c="dimmed">{STRINGS.step.intro}</Text>
      </div>
      <Loaded query={pieces}>{({ data }) => <Chooser pieces={data} />}</Loaded>
    </Stack>
  )
}

function Chooser({ pieces }: { readonly pieces: readonly Piece[] }) {
  const [chosen, choose] = useState({ piece: pieces[0]?.name, action: pieces[0]?.actions[0]?.name })
  const piece = pieces.find(({ name }) => name === chosen.piece)
  const action = piece?.actions.find(({ name }) => name === chosen.action)
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={STRINGS.step.piece}
          data={pieces.map(({ name, displayName }) => ({ value: name, label: displayName }))}
          value={chosen.piece ?? null}
          allowDeselect={false}
          onChange={(name) => {
            const next = pieces.find((known) => known.name === name)
            choose({ piece: next?.name, action: next?.actions[0]?.name })
          }}
        />
        <Select
          label={STRINGS.step.action}
          description={action?.description}
          data={(piece?.actions ?? []).map(({ name, displayName }) => ({ value: name, label: displayName }))}
          value={chosen.action ?? null}
          allowDeselect={false}
          onChange={(name) => choose({ piece: piece?.name, action: name ?? undefined })}
        />
      </SimpleGrid>
      {piece && action && (
        <Step
          key={`${piece.name}/${action.name}`}
          piece={piece.name}
          action={action.name}
          properties={propertiesOf(action)}
        />
      )}
    </>
  )
}

/** The contract leaves the form of a property open: it is the pieces framework's own. */
function propertiesOf({ props }: Piece['actions'][number]): Properties {
  // SAFETY: the server describes properties in the framework's fields, and unknown ones are passed over.
  return props as unknown as Properties
}

type StepProps = { readonly piece: string; readonly action: string; readonly properties: Properties }

function Step({ piece, action, properties }: StepProps) {
  const [values, setValues] = useState<Values>(() => defaultsOf(properties))
  const [others, setOthers] = useState<readonly Candidate[]>([])
  const [asked, setAsked] = useState<{ readonly at: number; readonly inputs: readonly Values[] }>()
  const of = { piece, action }
  const missing = missingOf(properties, values)
  const input = inputOf(properties, values)
  const run = (event: FormEvent) => {
    event.preventDefault()
    const inputs = [input, ...others.map(({ provider, model }) => ({ ...input, provider, model }))]
    setAsked({ at: Date.now(), inputs })
  }
  return (
    <SimpleGrid cols={{ base: 1, lg: asked && asked.inputs.length > 1 ? 1 : 2 }} spacing="lg">
      <Card withBorder component="form" onSubmit={run}>
        <Stack gap="sm">
          {Object.entries(properties).map(([name, property]) => (
            <PropertyField
              key={name}
              of={of}
              name={name}
              property={property}
              value={values[name]}
              values={values}
              onChange={(value) => setValues((known) => ({ ...known, [name]: value }))}
            />
          ))}
          {'provider' in properties && 'model' in properties && (
            <Candidates of={of} properties={properties} value={others} onChange={setOthers} />
          )}
          {missing.length > 0 && <Alert variant="light">{STRINGS.step.missing(missing)}</Alert>}
          <Group>
            <Button type="submit" disabled={missing.length > 0}>
              {STRINGS.step.run}
            </Button>
          </Group>
          <CodeBlock of={of} input={input} />
        </Stack>
      </Card>
      <section aria-label={STRINGS.step.answer}>
        {asked ? (
          <SimpleGrid cols={{ base: 1, md: Math.min(asked.inputs.length, 2), xl: Math.min(asked.inputs.length, 4) }}>
            {asked.inputs.map((one, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a column is known by its place in this run
              <RunColumn key={`${asked.at}/${place}`} of={of} input={one} />
            ))}
          </SimpleGrid>
        ) : (
          <Text c="dimmed">{STRINGS.step.noAnswer}</Text>
        )}
      </section>
    </SimpleGrid>
  )
}
