import { Checkbox, FileInput, JsonInput, NumberInput, Text, Textarea, TextInput } from '@mantine/core'
import { STRINGS } from '../strings.ts'
import { ArrayField } from './array-field.tsx'
import { DropdownField, StaticDropdown } from './dropdown-field.tsx'
import { DynamicField } from './dynamic-field.tsx'
import type { FieldProps } from './field-props.ts'
import { readFile } from './files.ts'

/** One property of an action as a field of a form, whatever its type. */
export function PropertyField(props: FieldProps) {
  const { property, value, onChange, name } = props
  const common = {
    label: property.displayName,
    description: property.description,
    required: property.required ?? false,
    name,
  }
  const text = typeof value === 'string' ? value : ''
  switch (property.type) {
    case 'SHORT_TEXT':
    case 'DATE_TIME':
      return <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} />
    case 'LONG_TEXT':
      return (
        <Textarea
          {...common}
          autosize
          minRows={3}
          maxRows={14}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'NUMBER':
      return (
        <NumberInput
          {...common}
          value={typeof value === 'number' || typeof value === 'string' ? value : ''}
          onChange={(next) => onChange(next === '' ? undefined : next)}
        />
      )
    case 'CHECKBOX':
      return (
        <Checkbox
          label={common.label}
          description={common.description}
          name={name}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'STATIC_DROPDOWN':
    case 'STATIC_MULTI_SELECT_DROPDOWN':
      return <StaticDropdown {...props} />
    case 'DROPDOWN':
    case 'MULTI_SELECT_DROPDOWN':
      return <DropdownField {...props} />
    case 'DYNAMIC':
      return <DynamicField {...props} field={PropertyField} />
    case 'ARRAY':
      return <ArrayField {...props} field={PropertyField} />
    case 'OBJECT':
    case 'JSON':
      return <JsonField {...props} />
    case 'FILE':
      return (
        <FileInput
          {...common}
          clearable
          placeholder={STRINGS.step.chooseFile}
          onChange={async (file) => onChange(file ? await readFile(file) : undefined)}
        />
      )
    case 'MARKDOWN':
      return (
        <Text size="sm" c="dimmed">
          {property.description}
        </Text>
      )
  }
}

/** JSON is kept as it is written until it is whole: a half-written value is no reason to lose it. */
function JsonField({ property, value, onChange, name }: FieldProps) {
  return (
    <JsonInput
      label={property.displayName}
      description={property.description}
      required={property.required ?? false}
      name={name}
      autosize
      minRows={4}
      formatOnBlur
      validationError={STRINGS.step.notJson}
      value={typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value, null, 2)}
      onChange={onChange}
    />
  )
}
