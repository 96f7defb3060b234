import type { CatalogueEntry, Connection } from '@activepieces/contract'
import { Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { Icon } from '../layout/icons.tsx'
import { STRINGS } from '../strings.ts'
import { type Card, capabilitiesOf } from './cards.ts'
import { type ConnectionAction, ConnectionRow } from './connection-row.tsx'

/** How many connections a card shows until it is asked for all. */
const SHOWN_AT_FIRST = 3

type Props = {
  readonly card: Card
  /** US dollars this month by slug of the connection; undefined until it is known. */
  readonly costs: ReadonlyMap<string, number> | undefined
  readonly onConnect: (vendor: CatalogueEntry) => void
  readonly onChoose: (connection: Connection, action: ConnectionAction) => void
}

/** A vendor that is connected, and its connections. */
export function ProviderCard({ card: { vendor, connections }, costs, onConnect, onChoose }: Props) {
  const [all, setAll] = useState(false)
  const shown = all ? connections : connections.slice(0, SHOWN_AT_FIRST)
  const rest = connections.length - shown.length
  return (
    <Paper className="surface" component="article" aria-label={vendor.label} p="md">
      <Group wrap="nowrap" align="center" gap="sm">
        <VendorName vendor={vendor} />
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="plus" size={14} />}
          aria-label={STRINGS.providers.anotherOf(vendor.label)}
          onClick={() => onConnect(vendor)}
        >
          {STRINGS.providers.another}
        </Button>
      </Group>
      <Stack component="ul" gap={0} mt="xs" p={0} m={0} style={{ listStyle: 'none' }}>
        {shown.map((connection) => (
          <ConnectionRow
            key={connection.id}
            connection={connection}
            costUsd={costs && (costs.get(connection.slug) ?? 0)}
            onChoose={(action) => onChoose(connection, action)}
          />
        ))}
      </Stack>
      {rest > 0 && (
        <Anchor component="button" type="button" size="sm" mt="xs" onClick={() => setAll(true)}>
          {STRINGS.providers.showAll(connections.length)}
        </Anchor>
      )}
    </Paper>
  )
}

/** A vendor that is not connected yet: one button, as wide as its tile. */
export function VendorTile({ vendor, onConnect }: { readonly vendor: CatalogueEntry } & Pick<Props, 'onConnect'>) {
  return (
    <Paper className="surface" component="article" aria-label={vendor.label} p="md">
      <Group wrap="nowrap" gap="sm" h="100%">
        <VendorName vendor={vendor} />
        <Button
          size="xs"
          variant="light"
          aria-label={STRINGS.providers.connectTo(vendor.label)}
          onClick={() => onConnect(vendor)}
        >
          {STRINGS.providers.connect}
        </Button>
      </Group>
    </Paper>
  )
}

function VendorName({ vendor }: { readonly vendor: CatalogueEntry }) {
  const can = capabilitiesOf(vendor)
  return (
    <>
      <img className="logo" src={vendor.logoUrl} alt="" width={38} height={38} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Title order={3} size="h6">
          {vendor.label}
        </Title>
        <Text size="xs" c="dimmed">
          {[STRINGS.providers.models(vendor.models.length), can.join(', ')].filter(Boolean).join(' · ')}
        </Text>
      </div>
    </>
  )
}
