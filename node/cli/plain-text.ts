/** Makes text of others (titles, names, answers) harmless to a terminal. */

/** Control characters and those that turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** The text on one line, with nothing in it that moves the cursor, colours, or hides what follows. */
export function plainText(text: string): string {
  return text.replace(UNPRINTABLE, ' ').trim();
}
