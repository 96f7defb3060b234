import { useDisclosure } from '@mantine/hooks'
import { useRef, useState } from 'react'

/**
 * A dialog that is open for something. What it was open for stays while it closes, so that it does not change its face; what
 * had the focus when it was opened has it again, if it is still there.
 */
export function useModal<Shown>() {
  const [shown, setShown] = useState<Shown>()
  const [isOpen, { open, close: hide }] = useDisclosure()
  const opener = useRef<Element | null>(null)
  const show = (next: Shown) => {
    opener.current = document.activeElement
    setShown(next)
    open()
  }
  const close = () => {
    hide()
    const last = opener.current
    // After the dialog has let go of the focus.
    setTimeout(() => last instanceof HTMLElement && last.isConnected && last.focus({ preventScroll: true }))
  }
  return { shown, isOpen, show, close }
}
