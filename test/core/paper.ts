/**
 * Something to write to, for what prints.
 */

export function paper(): { text: string; write(text: string): void } {
  return {
    text: '',
    write(text) {
      this.text += text;
    },
  };
}
