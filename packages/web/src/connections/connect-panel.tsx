import { type CatalogueEntry, type Connection, type ConnectionCheck, ROUTES } from '@activepieces/contract'
import { Button, Group, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiFailure, call } from '../api/client.ts'
import { useConnections, useConnectionsChanged } from '../api/queries.ts'
import { RichText } from '../layout/rich-text.tsx'
import { STRINGS } from '../strings.ts'
import { AllowOrigin } from './allow-origin.tsx'
import { ConnectionForm } from './connection-form.tsx'
import { newDraft, toSaveBody } from './draft.ts'
import { Outcome, outcomeOf, Refusal } from './outcome.tsx'

type Props = { readonly vendor: CatalogueEntry; readonly isFirst: boolean; readonly onDone: () => void }

/** A new connection of a vendor. It is tried before it is stored. */
export function ConnectPanel({ vendor, isFirst, onDone }: Props) {
  const connections = useConnections().data?.data ?? []
  const taken = connections.map(({ slug }) => slug)
  const [draft, setDraft] = useState(() => newDraft(vendor, isFirst, taken))
  const changed = useConnectionsChanged()
  const save = useMutation({
    mutationFn: (anyway: boolean) => call<Connection>(ROUTES.aiProviders, { body: toSaveBody(vendor, draft, anyway) }),
    onSuccess: async () => {
      await changed()
      onDone()
    },
  })
  const test = useMutation({
    mutationFn: () => call<ConnectionCheck>(ROUTES.testConnection, { body: toSaveBody(vendor, draft, false) }),
  })
  // Saving a slug that is there would replace that connection.
  const slugProblem = taken.includes(draft.slug) && !save.isSuccess ? STRINGS.connect.slugTaken : undefined
  const busy = save.isPending || test.isPending
  const error = save.error ?? test.error
  const failure = error instanceof ApiFailure && outcomeOf(error) === undefined ? error : undefined
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        test.reset()
        if (slugProblem === undefined) save.mutate(false)
      }}
    >
      <Stack>
        {vendor.instructionsMarkdown !== null && (
          <div className="prose instructions">
            <RichText>{withLinks(vendor.instructionsMarkdown)}</RichText>
          </div>
        )}
        <ConnectionForm
          vendor={vendor}
          value={draft}
          onChange={(next) => {
            setDraft(next)
            if (busy) return
            save.reset()
            test.reset()
          }}
          failure={failure}
          slug={isFirst ? 'fixed' : 'free'}
          slugProblem={slugProblem}
          keyPlaceholder={STRINGS.connect.keyPlaceholder}
        />
        {test.data && !save.isPending && <Outcome check={test.data} />}
        {error && (
          <Refusal error={error} isAtField={failure?.field !== undefined}>
            {outcomeOf(error) === 'unreachable' && (
              <Button size="xs" variant="default" loading={save.isPending} onClick={() => save.mutate(true)}>
                {STRINGS.connect.saveAnyway}
              </Button>
            )}
            <AllowOrigin error={error} baseUrl={draft.baseUrl} onAllowed={() => save.mutate(false)} />
          </Refusal>
        )}
        <Group justify="flex-end">
          <Button
            variant="default"
            loading={test.isPending}
            disabled={save.isPending}
            onClick={() => {
              save.reset()
              test.mutate()
            }}
          >
            {STRINGS.connect.test}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={test.isPending}>
            {STRINGS.connect.save}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Addresses that stand bare in a text become links. */
function withLinks(markdown: string): string {
  return markdown.replace(/(?<![(<["'`])https?:\/\/[^\s)>\]`]*[^\s)>\].,:;`]/g, '<$&>')
}
