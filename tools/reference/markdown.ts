/** Makes a table. A cell has no line breaks, and its bars are escaped. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  const rule = `|${heads.map(() => '---').join('|')}|`
  return [line(heads), rule, ...rows.map(line)].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** Writes a name as code. */
export function code(text: string): string {
  return `\`${text}\``
}

/** Writes several names as code. */
export function codes(names: readonly string[]): string {
  return names.map(code).join(', ')
}

/** Joins the parts of a page. An empty part is left out. */
export function page(parts: readonly (string | undefined)[]): string {
  return `${parts.filter((part) => part !== undefined && part !== '').join('\n\n')}\n`
}

/** The sentence that says how a page is made. */
export function madeBy(from: string): string {
  return `Generated from ${from} by \`npm run reference\`. A test fails where the two differ.`
}
