/** A picture that is fetched when it comes near the screen; one that a signed record names is verified first. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { parseCid } from '../../protocol/cid.ts';
import { pictureUrl } from '../verify/picture-url.ts';

interface PictureProps {
  /** A CID, which is verified; or a path of this gateway, which is shown as it is. */
  from: string | null;
  alt: string;
}

export function Picture({ from, alt }: PictureProps) {
  const frame = useRef<HTMLSpanElement>(null);
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const element = frame.current;
    setUrl(null);
    if (element === null || from === null) return undefined;
    let gone = false;
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        watcher.disconnect();
        // No picture is a plain card, not an error to read about.
        find(from).then(
          (found) => !gone && setUrl(found),
          () => undefined,
        );
      },
      { rootMargin: '400px' },
    );
    watcher.observe(element);
    return () => {
      gone = true;
      watcher.disconnect();
    };
  }, [from]);
  return (
    <span ref={frame} class="picture">
      {url && <img src={url} alt={alt} decoding="async" draggable={false} />}
    </span>
  );
}

/** A shelf of this gateway may name a picture by path: it is the gateway's word, like the title beside it. */
async function find(from: string): Promise<string> {
  const cid = parseCid(from.replace(/^\/ipfs\//, ''));
  return cid === null ? from : pictureUrl(cid);
}
