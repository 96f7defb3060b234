import type { Piece } from '@activepieces/contract'
import { Paper, Select, SimpleGrid } from '@mantine/core'
import { useState } from 'react'
import { usePieces } from '../api/queries.ts'
import { Screen } from '../layout/screen.tsx'
import { Empty, Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import type { Properties } from './properties.ts'
import { Step } from './step.tsx'

/** Runs any action of any piece, on one model or on several side by side. */
export function StepScreen() {
  const pieces = usePieces()
  return (
    <Screen title={STRINGS.step.title} intro={STRINGS.step.intro}>
      <Loaded query={pieces} height={560}>
        {({ data }) => (data.length === 0 ? <Empty>{STRINGS.step.noPieces}</Empty> : <Chooser pieces={data} />)}
      </Loaded>
    </Screen>
  )
}

/** What most people come to try. */
const FIRST = 'ask_ai'

function Chooser({ pieces }: { readonly pieces: readonly Piece[] }) {
  const first = pieces.find(({ actions }) => actions.some(({ name }) => name === FIRST)) ?? pieces[0]
  const [chosen, choose] = useState({ piece: first?.name, action: first?.actions[0]?.name })
  const piece = pieces.find(({ name }) => name === chosen.piece)
  const action = piece?.actions.find(({ name }) => name === chosen.action)
  return (
    <>
      <Paper className="surface" p="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={STRINGS.step.piece}
            description={piece?.description}
            data={pieces.map(({ name, displayName }) => ({ value: name, label: displayName }))}
            value={chosen.piece ?? null}
            allowDeselect={false}
            onChange={(name) => {
              const next = pieces.find((known) => known.name === name)
              choose({ piece: next?.name, action: next?.actions[0]?.name })
            }}
          />
          <Select
            label={STRINGS.step.action}
            description={action?.description}
            data={(piece?.actions ?? []).map(({ name, displayName }) => ({ value: name, label: displayName }))}
            value={chosen.action ?? null}
            allowDeselect={false}
            onChange={(name) => choose({ piece: piece?.name, action: name ?? undefined })}
          />
        </SimpleGrid>
      </Paper>
      {piece && action && (
        <Step
          key={`${piece.name}/${action.name}`}
          of={{ piece: piece.name, action: action.name }}
          properties={propertiesOf(action)}
        />
      )}
    </>
  )
}

/** The contract leaves the form of a property open: it is the pieces framework's own. */
function propertiesOf({ props }: Piece['actions'][number]): Properties {
  // SAFETY: the server describes properties in the framework's fields, and unknown ones are passed over.
  return props as unknown as Properties
}
