// Before the first paint: theme and size as this browser keeps them (see src/lib/shared/prefs.svelte.ts).
(function () {
  var root = document.documentElement;
  function kept(key) {
    try {
      return JSON.parse(localStorage.getItem('kaifong.' + key));
    } catch (_) {
      return null;
    }
  }
  var theme = kept('theme');
  if (theme !== 'light' && theme !== 'dark') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  root.dataset.theme = theme;
  // The web view of Linux (WebKitGTK 2.50) draws the signs beside an automatic space over each other.
  if ('__TAURI_INTERNALS__' in window && /Linux/.test(navigator.userAgent)) root.dataset.autospace = 'off';
  root.dataset.size = kept('size') === 'elder' ? 'elder' : 'normal';
  if (root.dataset.size === 'elder') root.style.setProperty('--body', (kept('body') || 22) + 'px');
})();
