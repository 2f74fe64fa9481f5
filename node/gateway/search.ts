/** Finds channels and items whose texts hold every word asked for. */
import type { ChannelRecord, ItemRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';

export interface SearchSource {
  channels(): Verified<ChannelRecord>[];
  items(channel: string): readonly Verified<ItemRecord>[];
}

type Searchable = Verified<ChannelRecord> | Verified<ItemRecord>;

/** Texts of records in one form, made once for each record that lives. */
const folded = new WeakMap<Searchable, string>();

/** Whether the record's texts hold all these words, whatever their case and accents. */
export function holdsWords(value: Searchable, words: readonly string[]): boolean {
  let text = folded.get(value);
  if (text === undefined) {
    text = fold(textOf(value).join('\n'));
    folded.set(value, text);
  }
  return words.every((word) => text.includes(word));
}

/** The words of a query, as `holdsWords` wants them. */
export function wordsOf(query: string): string[] {
  return fold(query)
    .split(/\s+/)
    .filter((word) => word !== '');
}

function textOf({ record }: Searchable): string[] {
  if (record.type === 'channel') return [record.name, record.description, ...record.categories];
  return [record.title, record.description, record.series?.title ?? ''];
}

function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}
