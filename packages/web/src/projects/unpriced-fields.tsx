import type { UnpricedModels } from '@activepieces/contract'
import { Group, NumberInput, Select } from '@mantine/core'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.projects.unpriced

/** Form state: numbers are text while they are typed. */
export type UnpricedDraft = {
  readonly type: UnpricedModels['type']
  readonly input: number | string
  readonly output: number | string
}

export function draftOf(unpriced: UnpricedModels = { type: 'refuse' }): UnpricedDraft {
  if (unpriced.type !== 'price') return { type: unpriced.type, input: '', output: '' }
  return { type: 'price', input: unpriced.inputUsdPerMillionTokens, output: unpriced.outputUsdPerMillionTokens }
}

export function unpricedOf({ type, input, output }: UnpricedDraft): UnpricedModels {
  if (type !== 'price') return { type }
  return { type, inputUsdPerMillionTokens: Number(input), outputUsdPerMillionTokens: Number(output) }
}

type Props = { readonly draft: UnpricedDraft; readonly onChange: (draft: UnpricedDraft) => void }

/** Chooses what a project does with models whose price is unknown. */
export function UnpricedFields({ draft, onChange }: Props) {
  const price = { min: 0, max: 1_000_000, decimalScale: 6, required: true, prefix: '$', flex: 1 } as const
  return (
    <>
      <Select
        label={WORDS.label}
        description={WORDS.why}
        allowDeselect={false}
        data={Object.entries(WORDS.types).map(([value, label]) => ({ value, label }))}
        value={draft.type}
        onChange={(type) => isType(type) && onChange({ ...draft, type })}
      />
      {draft.type === 'price' && (
        <Group align="flex-start" wrap="nowrap">
          <NumberInput
            {...price}
            label={WORDS.input}
            value={draft.input}
            onChange={(input) => onChange({ ...draft, input })}
          />
          <NumberInput
            {...price}
            label={WORDS.output}
            value={draft.output}
            onChange={(output) => onChange({ ...draft, output })}
          />
        </Group>
      )}
    </>
  )
}

function isType(type: string | null): type is UnpricedModels['type'] {
  return type !== null && type in WORDS.types
}
