// Stores what was visited for reading offline. Not on a developer's server, which has no service worker.
if ('serviceWorker' in navigator && !location.port.startsWith('43210')) {
  addEventListener('load', () => navigator.serviceWorker.register('/sw.js').catch(() => {}));
}
