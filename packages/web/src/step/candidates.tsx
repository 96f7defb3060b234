import { Button, CloseButton, Group, SimpleGrid, Stack } from '@mantine/core'
import { STRINGS } from '../strings.ts'
import type { Properties } from './properties.ts'
import { PropertyField } from './property-field.tsx'
import type { ActionName } from './use-options.ts'

/** A further model that gets the same input. */
export type Candidate = { readonly id: number; readonly provider: unknown; readonly model: unknown }

/** The most models that stand side by side, the form's own among them. */
const MOST = 4

type Props = {
  readonly of: ActionName
  readonly properties: Properties
  readonly value: readonly Candidate[]
  readonly onChange: (value: readonly Candidate[]) => void
}

/** Chooses up to three further models by the action's own dropdowns. */
export function Candidates({ of, properties, value, onChange }: Props) {
  const change = (id: number, next: Partial<Candidate>) =>
    onChange(value.map((candidate) => (candidate.id === id ? { ...candidate, ...next } : candidate)))
  const { provider, model } = properties
  if (!provider || !model) return null
  return (
    <Stack gap="xs">
      {value.map((candidate, place) => (
        <Group key={candidate.id} wrap="nowrap" align="flex-end">
          <SimpleGrid cols={{ base: 1, sm: 2 }} flex={1}>
            <PropertyField
              of={of}
              name="provider"
              property={provider}
              value={candidate.provider}
              values={candidate}
              onChange={(next) => change(candidate.id, { provider: next, model: undefined })}
            />
            <PropertyField
              of={of}
              name="model"
              property={model}
              value={candidate.model}
              values={candidate}
              onChange={(next) => change(candidate.id, { model: next })}
            />
          </SimpleGrid>
          <CloseButton
            aria-label={STRINGS.step.removeModel(String(candidate.model ?? place + 2))}
            onClick={() => onChange(value.filter(({ id }) => id !== candidate.id))}
          />
        </Group>
      ))}
      {value.length + 1 < MOST && (
        <Button
          variant="default"
          size="xs"
          w="fit-content"
          onClick={() => onChange([...value, { id: Date.now(), provider: undefined, model: undefined }])}
        >
          {STRINGS.step.compare}
        </Button>
      )}
    </Stack>
  )
}
