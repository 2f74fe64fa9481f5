/** Says what signals it gets, and ends with code 7 a moment after the first. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    process.stdout.write(`${signal}\n`);
    setTimeout(() => process.exit(7), 300);
  });
}
const alive = setTimeout(() => process.exit(1), 20_000);
if (process.argv[2] === 'exit') {
  clearTimeout(alive);
  process.exitCode = 3;
} else {
  process.stdout.write(`ready ${process.pid}\n`);
}
