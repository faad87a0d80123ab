// Runs before the first paint, so that a page in a chosen theme never flashes in another.
(function () {
  try {
    var chosen = JSON.parse(localStorage.getItem('appearance') || '{}');
    if (chosen.theme === 'light' || chosen.theme === 'dark') document.documentElement.dataset.theme = chosen.theme;
    if (chosen.density === 'compact') document.documentElement.dataset.density = 'compact';
  } catch (_) {
    // No storage: the system's theme.
  }
})();
