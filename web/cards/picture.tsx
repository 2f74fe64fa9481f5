/** A picture by its CID: fetched when it comes near the screen, verified, and only then shown. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { parseCid } from '../../protocol/cid.ts';
import { pictureUrl } from '../verify/picture-url.ts';

interface PictureProps {
  /** A CID, or a path of the gateway that ends in one; anything else shows nothing. */
  cid: string | null;
  alt: string;
}

export function Picture({ cid, alt }: PictureProps) {
  const frame = useRef<HTMLSpanElement>(null);
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const element = frame.current;
    const parsed = cid === null ? null : parseCid(cid.replace(/^\/ipfs\//, ''));
    setUrl(null);
    if (element === null || parsed === null) return undefined;
    let gone = false;
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        watcher.disconnect();
        // No picture is a plain card, not an error to read about.
        pictureUrl(parsed).then(
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
  }, [cid]);
  return (
    <span ref={frame} class="picture">
      {url && <img src={url} alt={alt} decoding="async" draggable={false} />}
    </span>
  );
}
