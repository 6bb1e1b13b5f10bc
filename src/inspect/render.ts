/**
 * Text for terminals: tables, figures, and names that cannot harm the terminal.
 *
 * Everything that comes from the inspected process passes through `plain` before it is shown.
 */

const MEBIBYTE = 1024 * 1024;

/** One line without control characters, which a terminal would obey. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

/** Rows in columns, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, plain(cell).length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => plain(cell).padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  );
}

/** `3 tasks`, `1 task`. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${amount.toLocaleString('en')} ${amount === 1 ? singular : plural}`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 3 : 1)} ms`;
}

export function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

export function memory(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(0)} MiB`;
}

/** `2 tcp, 1 signal`; empty for nothing. */
export function amounts(byName: Readonly<Record<string, number>>): string {
  return Object.entries(byName)
    .map(([name, amount]) => `${amount} ${name}`)
    .join(', ');
}
