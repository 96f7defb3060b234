import { type Project, ROUTES } from '@activepieces/contract'
import { NumberInput, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiFailure, call } from '../api/client.ts'
import { pathOf } from '../api/paths.ts'
import { SaveButtons } from '../layout/save-buttons.tsx'
import { Failure } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import { draftOf, UnpricedFields, unpricedOf } from './unpriced-fields.tsx'

const WORDS = STRINGS.projects

type Props = {
  /** Absent: a new one. */
  readonly project?: Project
  readonly onDone: () => void
}

/** Makes or changes a project. */
export function ProjectPanel({ project, onDone }: Props) {
  const queries = useQueryClient()
  const [id, setId] = useState('')
  const [name, setName] = useState(project?.name ?? '')
  const [budget, setBudget] = useState<number | string>(project?.monthlyBudgetUsd ?? '')
  const [rate, setRate] = useState<number | string>(project?.requestsPerMinute ?? '')
  const [unpriced, setUnpriced] = useState(() => draftOf(project?.unpricedModels))
  const save = useMutation({
    mutationFn: () => {
      const limits = { monthlyBudgetUsd: numberOf(budget), requestsPerMinute: numberOf(rate) }
      const body = { name, ...limits, unpricedModels: unpricedOf(unpriced) }
      if (project) return call<Project>(pathOf(ROUTES.project, { id: project.id }), { method: 'PATCH', body })
      return call<Project>(ROUTES.projects, { body: { ...body, ...(id === '' ? {} : { id }) } })
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['projects'] })
      onDone()
    },
  })
  const field = save.error instanceof ApiFailure ? save.error.field : undefined
  const problemOf = (named: string) => (field === named ? save.error?.message : undefined)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack>
        <TextInput
          label={WORDS.name}
          required
          maxLength={100}
          data-autofocus
          value={name}
          error={problemOf('name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {!project && (
          <TextInput
            label={WORDS.id}
            description={WORDS.idWhy}
            maxLength={64}
            value={id}
            error={problemOf('id')}
            onChange={(event) => setId(event.currentTarget.value.trim())}
          />
        )}
        <NumberInput
          label={WORDS.budget}
          description={WORDS.budgetWhy}
          min={0}
          decimalScale={6}
          thousandSeparator=","
          value={budget}
          error={problemOf('monthlyBudgetUsd')}
          onChange={setBudget}
        />
        <UnpricedFields draft={unpriced} onChange={setUnpriced} />
        <NumberInput
          label={WORDS.rate}
          description={WORDS.rateWhy}
          min={1}
          allowDecimal={false}
          value={rate}
          error={problemOf('requestsPerMinute')}
          onChange={setRate}
        />
        {save.error && !(field && FIELDS.includes(field)) && <Failure message={save.error.message} />}
        <SaveButtons onCancel={onDone} isSaving={save.isPending} />
      </Stack>
    </form>
  )
}

const FIELDS = ['name', 'id', 'monthlyBudgetUsd', 'requestsPerMinute']

function numberOf(value: number | string): number | null {
  return value === '' ? null : Number(value)
}
