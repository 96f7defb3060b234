import { Loader, MultiSelect, Select } from '@mantine/core'
import { STRINGS } from '../strings.ts'
import type { FieldProps } from './field-props.ts'
import type { OptionsState } from './properties.ts'
import { useOptions } from './use-options.ts'

/** A dropdown whose options are asked from the server. It shows what came last until the next answer is there. */
export function DropdownField(props: FieldProps) {
  const { data, error, isFetching } = useOptions<OptionsState>(props.of, props.name, props.property, props.values)
  const state = data ?? { disabled: true, options: [], placeholder: isFetching ? STRINGS.loading : '' }
  return <OptionsSelect {...props} state={state} problem={error?.message} busy={isFetching} />
}

/** A dropdown whose options are known. */
export function StaticDropdown(props: FieldProps) {
  return <OptionsSelect {...props} state={props.property.options ?? { options: [] }} />
}

type SelectProps = FieldProps & {
  readonly state: OptionsState
  readonly problem?: string | undefined
  readonly busy?: boolean
}

/** Options may have any value: they are told apart by its JSON. */
function OptionsSelect({ property, name, value, onChange, state, problem, busy = false }: SelectProps) {
  const byKey = new Map(state.options.map((option) => [JSON.stringify(option.value), option]))
  const keep = [value].flat().filter((one) => one !== undefined && one !== null && !byKey.has(JSON.stringify(one)))
  const data = [
    ...[...byKey].map(([key, { label }]) => ({ value: key, label })),
    ...(busy ? [] : keep.map((one) => ({ value: JSON.stringify(one), label: STRINGS.step.notInTheList(String(one)) }))),
  ]
  const common = {
    label: property.displayName,
    description: property.description,
    required: property.required ?? false,
    name,
    placeholder: state.placeholder ?? STRINGS.step.choose,
    disabled: (state.disabled ?? false) && keep.length === 0,
    error: problem,
    data,
    searchable: true,
    nothingFoundMessage: STRINGS.step.nothingFound,
    rightSection: busy ? <Loader size="xs" /> : undefined,
  }
  if (property.type === 'MULTI_SELECT_DROPDOWN' || property.type === 'STATIC_MULTI_SELECT_DROPDOWN') {
    const keys = Array.isArray(value) ? value.map((one) => JSON.stringify(one)) : []
    return <MultiSelect {...common} value={keys} onChange={(next) => onChange(next.map((key) => JSON.parse(key)))} />
  }
  return (
    <Select
      {...common}
      allowDeselect={!common.required}
      clearable={!common.required}
      value={value === undefined || value === null ? null : JSON.stringify(value)}
      onChange={(key) => onChange(key === null ? undefined : JSON.parse(key))}
    />
  )
}
