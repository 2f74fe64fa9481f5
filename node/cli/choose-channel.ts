/** Finds out which channel a person means: by its id or, among channels of his own, by its name. */
import { channelKey } from '../../protocol/channel-id.ts';
import { HeliographError } from '../errors.ts';

/**
 * The id of the channel that `text` means. Names count only among `known`, the person's own channels or those he
 * follows: on the network anyone can take any name. Throws `not-found` or, when a name fits several, `conflict`.
 */
export function chooseChannel(text: string, known: { id: string; name: string | null }[]): string {
  if (channelKey(text) !== null) return text;
  const wanted = text.toLowerCase();
  const found = known.filter(({ name }) => name?.toLowerCase() === wanted);
  if (found.length > 1) {
    const ids = found.map(({ id }) => id).join(', ');
    throw new HeliographError(
      'conflict',
      `"${text}" is the name of several channels; say which by id: ${ids}`,
    );
  }
  if (found[0]) return found[0].id;
  const what =
    known.length > 0
      ? 'neither a channel id (k51…) nor the name of a channel here'
      : 'not a channel id (k51…)';
  throw new HeliographError('not-found', `"${text}" is ${what}; see \`heliograph channel list --all\``);
}
