import { Table } from '@mantine/core'
import type { ReactNode } from 'react'

type Props = {
  readonly label: string
  readonly columns: readonly string[]
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[]
  /** In pixels: narrower than this it scrolls sideways, by itself. */
  readonly minWidth?: number
  /** The place of the first column that holds numbers; those after it do too. */
  readonly numbersFrom?: number
}

/** A table that reads well: numbers stand under one another, and a narrow screen scrolls the table and not the page. */
export function DataTable({ label, columns, rows, minWidth = 640, numbersFrom = columns.length }: Props) {
  const align = (place: number) => (place >= numbersFrom ? 'right' : 'left')
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label } }}
    >
      <Table verticalSpacing="xs" highlightOnHover aria-label={label} className="numbers">
        <Table.Thead>
          <Table.Tr>
            {columns.map((name, place) => (
              <Table.Th key={name} ta={align(place)}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, cells }) => (
            <Table.Tr key={key}>
              {cells.map((cell, place) => (
                <Table.Td key={columns[place]} ta={align(place)} style={{ verticalAlign: 'top' }}>
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
