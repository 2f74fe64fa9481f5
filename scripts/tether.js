/** Loaded before a program that was handed over: stops it when the process that started it is gone. */
if (process.channel) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
