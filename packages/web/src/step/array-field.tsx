import { Button, CloseButton, Fieldset, Group, Stack, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { STRINGS } from '../strings.ts'
import type { OuterFieldProps } from './field-props.ts'
import type { Properties, Values } from './properties.ts'

type Row = { readonly id: number; readonly value: unknown }

/** What can have the focus; the picker of a file is its button. */
const FIELDS = 'input:not([type="file"]), textarea, button'

/** A list: of texts, or of items with properties of their own. */
export function ArrayField({ of, property, value, values, onChange, field }: OuterFieldProps) {
  const [rows, setRows] = useState<readonly Row[]>(() => (Array.isArray(value) ? value : []).map(asRow))
  const [nextId, setNextId] = useState(rows.length)
  const list = useRef<HTMLDivElement>(null)
  /** Once what has changed is on the screen. Without it a keyboard would lose its place. */
  const focusOn = (find: (list: Element) => HTMLElement | null | undefined) =>
    requestAnimationFrame(() => list.current && find(list.current)?.focus())
  const change = (next: readonly Row[]) => {
    setRows(next)
    onChange(next.map((row) => row.value))
  }
  const add = () => {
    change([...rows, { id: nextId, value: property.properties ? {} : '' }])
    setNextId(nextId + 1)
    focusOn((at) => at.lastElementChild?.previousElementSibling?.querySelector<HTMLElement>(FIELDS))
  }
  const remove = (id: number) => {
    change(rows.filter((row) => row.id !== id))
    focusOn((at) => at.querySelector<HTMLElement>(':scope > button'))
  }
  return (
    <Fieldset legend={property.displayName}>
      <Stack gap="xs" ref={list}>
        {rows.map(({ id, value: item }, index) => (
          <Group
            key={id}
            align="flex-start"
            wrap="nowrap"
            {...(property.properties && {
              className: 'item',
              role: 'group',
              'aria-label': `${property.displayName} ${index + 1}`,
            })}
          >
            <Item
              field={field}
              of={of}
              label={`${property.displayName} ${index + 1}`}
              properties={property.properties}
              value={item}
              values={values}
              onChange={(next) => change(rows.map((row) => (row.id === id ? { id, value: next } : row)))}
            />
            <CloseButton
              aria-label={STRINGS.step.removeItem(property.displayName, index + 1)}
              onClick={() => remove(id)}
            />
          </Group>
        ))}
        <Button variant="default" size="xs" w="fit-content" onClick={add}>
          {STRINGS.step.addItem}
        </Button>
      </Stack>
    </Fieldset>
  )
}

function asRow(value: unknown, id: number): Row {
  return { id, value }
}

type ItemProps = Pick<OuterFieldProps, 'of' | 'value' | 'values' | 'onChange' | 'field'> & {
  readonly label: string
  readonly properties: Properties | undefined
}

function Item({ of, label, properties, value, values, onChange, field: Field }: ItemProps) {
  if (!properties) {
    return (
      <TextInput
        flex={1}
        aria-label={label}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  }
  // SAFETY: items with properties are objects; add() makes them so.
  const own = value as Values
  return (
    <Stack gap="xs" flex={1}>
      {Object.entries(properties).map(([name, property]) => (
        <Field
          key={name}
          of={of}
          name={name}
          property={property}
          value={own[name]}
          values={{ ...values, ...own }}
          onChange={(next) => onChange({ ...own, [name]: next })}
        />
      ))}
    </Stack>
  )
}
