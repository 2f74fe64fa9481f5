/** Where a verb's words go: the process's own streams, or a test's strings. */

export interface Terminal {
  out: (text: string) => void;
  err: (text: string) => void;
}
