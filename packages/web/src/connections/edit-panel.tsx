import { type CatalogueEntry, type Connection, ROUTES } from '@activepieces/contract'
import { Alert, Button, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiFailure, call } from '../api/client.ts'
import { pathOf } from '../api/paths.ts'
import { useConnectionsChanged } from '../api/queries.ts'
import { SaveButtons } from '../layout/save-buttons.tsx'
import { STRINGS } from '../strings.ts'
import { AllowOrigin } from './allow-origin.tsx'
import { ConnectionForm } from './connection-form.tsx'
import { draftOf, movesAway, toUpdateBody } from './draft.ts'
import { outcomeOf, Refusal } from './outcome.tsx'

type Props = { readonly vendor: CatalogueEntry; readonly connection: Connection; readonly onDone: () => void }

/** Changes a connection. When it moves to another origin the credential is asked for again: the stored one stays behind. */
export function EditPanel({ vendor, connection, onDone }: Props) {
  const [draft, setDraft] = useState(() => draftOf(connection, vendor))
  const changed = useConnectionsChanged()
  const save = useMutation({
    mutationFn: (saveAnyway: boolean) =>
      call<Connection>(pathOf(ROUTES.aiProvider, { idOrSlug: connection.slug }), {
        method: 'PATCH',
        body: toUpdateBody(connection, vendor, draft, saveAnyway),
      }),
    onSuccess: async () => {
      await changed()
      onDone()
    },
  })
  const moved = movesAway(connection.baseUrl, draft.baseUrl)
  const { error } = save
  const failure = error instanceof ApiFailure && outcomeOf(error) === undefined ? error : undefined
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate(false)
      }}
    >
      <Stack>
        <ConnectionForm
          vendor={vendor}
          value={draft}
          onChange={(next) => {
            setDraft(next)
            if (!save.isPending) save.reset()
          }}
          failure={failure}
          slug="fixed"
          keyPlaceholder={moved ? STRINGS.connect.keyPlaceholder : STRINGS.connect.keyStored}
          keyProblem={moved && draft.apiKey === '' ? STRINGS.connect.keyAgain : undefined}
        />
        {moved && (
          <Alert color="orange" variant="light" role="status">
            {STRINGS.connect.moved}
          </Alert>
        )}
        {error && (
          <Refusal error={error} isAtField={failure?.field !== undefined}>
            {outcomeOf(error) === 'unreachable' && (
              <Button size="xs" variant="default" onClick={() => save.mutate(true)}>
                {STRINGS.connect.saveAnyway}
              </Button>
            )}
            <AllowOrigin error={error} baseUrl={draft.baseUrl} onAllowed={() => save.mutate(false)} />
          </Refusal>
        )}
        <SaveButtons onCancel={onDone} isSaving={save.isPending} />
      </Stack>
    </form>
  )
}
