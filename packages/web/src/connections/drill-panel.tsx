import {
  type Connection,
  DRILL_FAULTS,
  type Drill,
  type DrillFault,
  type DrillState,
  ROUTES,
} from '@activepieces/contract'
import { Alert, Button, Group, NumberInput, Radio, Stack, Table, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { pathOf } from '../api/paths.ts'
import { moment } from '../format.ts'
import { Failure, Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.drill

/** Lets the calls of a connection fail on purpose for a time, and ends it. */
export function DrillPanel({ connection: { slug } }: { readonly connection: Connection }) {
  const path = pathOf(ROUTES.drill, { slug })
  const state = useQuery({
    queryKey: ['drill', slug],
    queryFn: ({ signal }) => call<DrillState>(path, { signal }),
    // It ends by itself.
    refetchInterval: ({ state: { data } }) => (data?.drill ? 5_000 : false),
  })
  return (
    <Stack>
      <Text>{WORDS.intro}</Text>
      <Loaded query={state} height={320}>
        {({ drill }) => (drill ? <Running path={path} slug={slug} drill={drill} /> : <Start path={path} slug={slug} />)}
      </Loaded>
    </Stack>
  )
}

type AtPath = { readonly path: string; readonly slug: string }

function Running({ path, slug, drill }: AtPath & { readonly drill: Drill }) {
  const queries = useQueryClient()
  const stop = useMutation({
    mutationFn: () => call<void>(path, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['drill', slug] }),
  })
  return (
    <>
      <Alert color="orange" variant="light" title={WORDS.runs(drill.fault)} role="status">
        {DRILL_FAULTS[drill.fault]}
      </Alert>
      <Table variant="vertical" layout="fixed" withTableBorder>
        <Table.Tbody>
          {[
            [WORDS.started, moment(drill.started)],
            [WORDS.ends, moment(drill.ends)],
            ...(drill.fault === 'slow-first-token' ? [[WORDS.delay, String(drill.delayMs)]] : []),
          ].map(([name, words]) => (
            <Table.Tr key={name}>
              <Table.Th w={160}>{name}</Table.Th>
              <Table.Td>{words}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {stop.error && <Failure message={stop.error.message} />}
      <Group justify="flex-end">
        <Button data-autofocus loading={stop.isPending} onClick={() => stop.mutate()}>
          {WORDS.stop}
        </Button>
      </Group>
    </>
  )
}

function Start({ path, slug }: AtPath) {
  const queries = useQueryClient()
  const [fault, setFault] = useState<DrillFault>('429')
  const [seconds, setSeconds] = useState<number | string>(300)
  const [delayMs, setDelayMs] = useState<number | string>(10_000)
  const start = useMutation({
    mutationFn: () =>
      call<Drill>(path, {
        body: { fault, seconds: Number(seconds), ...(fault === 'slow-first-token' && { delayMs: Number(delayMs) }) },
      }),
    onSuccess: (drill) => queries.setQueryData<DrillState>(['drill', slug], { drill }),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate()
      }}
    >
      <Stack>
        <Radio.Group label={WORDS.fault} value={fault} onChange={(next) => isFault(next) && setFault(next)}>
          <Stack gap={8} mt="xs">
            {Object.entries(DRILL_FAULTS).map(([name, what]) => (
              <Radio key={name} value={name} label={name} description={what} />
            ))}
          </Stack>
        </Radio.Group>
        <Group grow align="flex-start">
          <NumberInput label={WORDS.seconds} min={1} max={3600} required value={seconds} onChange={setSeconds} />
          {fault === 'slow-first-token' && (
            <NumberInput label={WORDS.delay} min={1} max={600_000} required value={delayMs} onChange={setDelayMs} />
          )}
        </Group>
        {start.error && <Failure message={start.error.message} />}
        <Group justify="flex-end">
          <Button type="submit" color="red.9" loading={start.isPending}>
            {WORDS.start}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function isFault(name: string): name is DrillFault {
  return name in DRILL_FAULTS
}
