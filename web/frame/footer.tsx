/** The line at the foot of every page. */

export function Footer() {
  return (
    <footer class="foot">
      <p>
        Heliograph belongs to nobody. What you watch here comes from this node, from mirrors and from other
        viewers, and is checked against its publisher’s signature before it plays.
      </p>
      <p>
        <a href="/api/v1/openapi.json" rel="noopener external" target="_blank">
          For programs
        </a>
      </p>
    </footer>
  );
}
