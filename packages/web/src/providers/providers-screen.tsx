import type { CatalogueEntry, Connection } from '@activepieces/contract'
import { Alert, SimpleGrid, Stack, TextInput, Title } from '@mantine/core'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useCatalogue, useConnections, useUsageSummary } from '../api/queries.ts'
import { monthStart } from '../format.ts'
import { Icon } from '../layout/icons.tsx'
import { useModal } from '../layout/modal-state.ts'
import { Screen } from '../layout/screen.tsx'
import { Empty, Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import { cardsOf } from './cards.ts'
import type { ConnectionAction } from './connection-row.tsx'
import { ProviderCard, VendorTile } from './provider-card.tsx'

const Dialogs = lazy(async () => ({ default: (await import('../connections/dialogs.tsx')).ConnectionDialogs }))

/** What a dialog is open for: a new connection of a vendor, or something with one that is there. */
export type Opened =
  | { readonly action: 'connect'; readonly vendor: CatalogueEntry; readonly isFirst: boolean }
  | { readonly action: ConnectionAction; readonly vendor: CatalogueEntry; readonly connection: Connection }

/** The vendors: those that are connected with their connections, then the others. */
export function ProvidersScreen() {
  const catalogue = useCatalogue()
  const connections = useConnections()
  const costs = useCosts()
  const [search, setSearch] = useState('')
  const { shown, isOpen, show, close } = useModal<Opened>()
  return (
    <Screen
      title={STRINGS.nav.providers}
      intro={STRINGS.providers.intro}
      actions={
        <TextInput
          type="search"
          aria-label={STRINGS.providers.search}
          placeholder={STRINGS.providers.searchShort}
          leftSection={<Icon name="search" size={16} />}
          value={search}
          w={{ base: '100%', sm: 280 }}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      }
    >
      <Loaded query={catalogue} height={480}>
        {(vendors) => (
          <Loaded query={connections} height={480}>
            {(list) => <Cards {...{ vendors: vendors.data, connections: list.data, search, costs }} onOpen={show} />}
          </Loaded>
        )}
      </Loaded>
      <Suspense>{shown && <Dialogs shown={shown} isOpen={isOpen} onClose={close} />}</Suspense>
    </Screen>
  )
}

type CardsProps = {
  readonly vendors: readonly CatalogueEntry[]
  readonly connections: readonly Connection[]
  readonly search: string
  readonly costs: ReadonlyMap<string, number> | undefined
  readonly onOpen: (opened: Opened) => void
}

function Cards({ vendors, connections, search, costs, onOpen }: CardsProps) {
  const { connected, others } = cardsOf(vendors, connections, search)
  const connect = (vendor: CatalogueEntry) => {
    const isFirst = !connections.some(({ slug }) => slug === vendor.value)
    onOpen({ action: 'connect', vendor, isFirst })
  }
  if (connected.length + others.length === 0) return <Empty>{STRINGS.providers.nothingFound(search)}</Empty>
  return (
    <>
      {connections.length === 0 && <Alert variant="light">{STRINGS.providers.noneYet}</Alert>}
      {connected.length > 0 && (
        <Stack component="section" aria-label={STRINGS.providers.connected} gap="sm">
          <Title order={2} size="h4">
            {STRINGS.providers.connected}
          </Title>
          <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} style={{ alignItems: 'start' }}>
            {connected.map((card) => (
              <ProviderCard
                key={card.vendor.value}
                card={card}
                costs={costs}
                onConnect={connect}
                onChoose={(connection, action) => onOpen({ action, vendor: card.vendor, connection })}
              />
            ))}
          </SimpleGrid>
        </Stack>
      )}
      {others.length > 0 && (
        <Stack component="section" aria-label={STRINGS.providers.others} gap="sm">
          <Title order={2} size="h4">
            {STRINGS.providers.others}
          </Title>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {others.map((vendor) => (
              <VendorTile key={vendor.value} vendor={vendor} onConnect={connect} />
            ))}
          </SimpleGrid>
        </Stack>
      )}
    </>
  )
}

/** What each connection has cost this month, by slug; undefined until it is known. */
function useCosts(): ReadonlyMap<string, number> | undefined {
  const [from] = useState(monthStart)
  const { data } = useUsageSummary({ groupBy: 'connection', from })
  return useMemo(() => data && new Map(data.data.map(({ group, costUsd }) => [group ?? '', costUsd])), [data])
}
