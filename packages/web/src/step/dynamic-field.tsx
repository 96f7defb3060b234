import { Alert, Skeleton, Stack } from '@mantine/core'
import type { OuterFieldProps } from './field-props.ts'
import type { Properties, Values } from './properties.ts'
import { useOptions } from './use-options.ts'

/** Properties that depend on what was chosen above, e.g. the advanced options of a model. */
export function DynamicField({ field: Field, ...props }: OuterFieldProps) {
  const { data, error, isPending } = useOptions<Properties>(props.of, props.name, props.property, props.values)
  // SAFETY: the value of a dynamic property is an object of values, or not there yet.
  const own = (typeof props.value === 'object' && props.value !== null ? props.value : {}) as Values
  if (isPending) return <Skeleton height={36} />
  if (error) return <Alert color="red">{error.message}</Alert>
  if (Object.keys(data).length === 0) return null
  return (
    <Stack gap="sm">
      {Object.entries(data).map(([name, property]) => (
        <Field
          key={name}
          of={props.of}
          name={name}
          property={property}
          value={own[name]}
          values={{ ...props.values, ...own }}
          onChange={(next) => props.onChange({ ...own, [name]: next })}
        />
      ))}
    </Stack>
  )
}
