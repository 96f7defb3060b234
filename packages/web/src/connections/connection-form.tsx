import type { CatalogueEntry } from '@activepieces/contract'
import { Button, CloseButton, Fieldset, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import type { ApiFailure } from '../api/client.ts'
import { Icon } from '../layout/icons.tsx'
import { STRINGS } from '../strings.ts'
import type { Draft, HeaderDraft } from './draft.ts'

const WORDS = STRINGS.connect

type Props = {
  readonly vendor: CatalogueEntry
  readonly value: Draft
  readonly onChange: (value: Draft) => void
  /** Why the last try failed: what concerns a field stands at that field. */
  readonly failure: ApiFailure | undefined
  /** The slug can be chosen once. */
  readonly slug: 'fixed' | 'free'
  readonly slugProblem?: string | undefined
  /** What stands in the field of the key while nothing is typed. */
  readonly keyPlaceholder: string
  readonly keyProblem?: string | undefined
}

/** The fields of a connection. The key is write-only: what is stored never comes back. */
export function ConnectionForm({ vendor, value, onChange, failure, ...about }: Props) {
  const set = (next: Partial<Draft>) => onChange({ ...value, ...next })
  const problemOf = (field: string) => (failure?.field === field ? failure.message : undefined)
  return (
    <Stack gap="sm">
      <PasswordInput
        label={WORDS.key}
        description={WORDS.keySentAs(vendor.authHeader)}
        placeholder={about.keyPlaceholder}
        name="apiKey"
        autoComplete="off"
        data-autofocus
        value={value.apiKey}
        error={about.keyProblem ?? problemOf('apiKey')}
        visibilityToggleButtonProps={{ 'aria-label': STRINGS.signIn.show }}
        onChange={(event) => set({ apiKey: event.currentTarget.value.trim() })}
      />
      <TextInput
        label={WORDS.baseUrl}
        name="baseUrl"
        type="url"
        inputMode="url"
        required
        value={value.baseUrl}
        error={problemOf('baseUrl')}
        onChange={(event) => set({ baseUrl: event.currentTarget.value.trim() })}
      />
      <Group grow align="flex-start">
        <TextInput
          label={WORDS.label}
          name="label"
          required
          maxLength={100}
          value={value.label}
          error={problemOf('label')}
          onChange={(event) => set({ label: event.currentTarget.value })}
        />
        {about.slug === 'free' && (
          <TextInput
            label={WORDS.slug}
            name="slug"
            required
            maxLength={64}
            value={value.slug}
            error={about.slugProblem ?? problemOf('slug')}
            onChange={(event) => set({ slug: event.currentTarget.value.toLowerCase() })}
          />
        )}
      </Group>
      <Headers
        value={value.headers}
        onChange={(headers) => set({ headers })}
        problem={failure?.field?.startsWith('headers') ? failure.message : undefined}
      />
      <TextInput
        label={WORDS.allowedHeaders}
        description={WORDS.allowedHeadersWhy}
        name="allowedHeaders"
        autoComplete="off"
        value={value.allowedHeaders}
        error={failure?.field?.startsWith('allowedHeaders') ? failure.message : undefined}
        onChange={(event) => set({ allowedHeaders: event.currentTarget.value })}
      />
    </Stack>
  )
}

type HeadersProps = {
  readonly value: readonly HeaderDraft[]
  readonly onChange: (value: readonly HeaderDraft[]) => void
  readonly problem: string | undefined
}

function Headers({ value, onChange, problem }: HeadersProps) {
  const change = (id: number, next: Partial<HeaderDraft>) =>
    onChange(value.map((header) => (header.id === id ? { ...header, ...next } : header)))
  const nextId = Math.max(-1, ...value.map(({ id }) => id)) + 1
  return (
    <Fieldset legend={WORDS.headers} variant="unstyled">
      <Stack gap="xs">
        <Text size="xs" c="dimmed" mt={-8}>
          {WORDS.headersWhy}
        </Text>
        {value.map(({ id, name, value: text, isStored }, index) => (
          <Group key={id} wrap="nowrap" gap="xs">
            <TextInput
              flex={1}
              aria-label={WORDS.headerName(index + 1)}
              placeholder={WORDS.headerNameExample}
              readOnly={isStored}
              value={name}
              onChange={(event) => change(id, { name: event.currentTarget.value })}
            />
            <TextInput
              flex={1}
              aria-label={WORDS.headerValue(index + 1)}
              placeholder={isStored ? WORDS.headerStored : WORDS.headerValueExample}
              autoComplete="off"
              value={text}
              onChange={(event) => change(id, { value: event.currentTarget.value })}
            />
            <CloseButton
              aria-label={WORDS.removeHeader(name === '' ? String(index + 1) : name)}
              onClick={() => onChange(value.filter((header) => header.id !== id))}
            />
          </Group>
        ))}
        <Button
          size="xs"
          variant="default"
          w="fit-content"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => onChange([...value, { id: nextId, name: '', value: '', isStored: false }])}
        >
          {WORDS.addHeader}
        </Button>
        {problem !== undefined && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {problem}
          </Text>
        )}
      </Stack>
    </Fieldset>
  )
}
