import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'

/** A dialog that is open for something. What it was open for stays while it closes, so that it does not change its face. */
export function useModal<Shown>() {
  const [shown, setShown] = useState<Shown>()
  const [isOpen, { open, close }] = useDisclosure()
  const show = (next: Shown) => {
    setShown(next)
    open()
  }
  return { shown, isOpen, show, close }
}
