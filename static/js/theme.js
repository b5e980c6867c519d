// Runs before the first paint: the remembered choice, else what the system says. The choice lies in a cookie, because
// signing out clears everything else (Clear-Site-Data).
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const read = () => document.cookie.match(/(?:^|; )theme=(dark|light)/)?.[1];
  const write = (theme) => {
    // Back to what the system says means following it again.
    const age = theme === (system.matches ? "dark" : "light") ? 0 : 31536000;
    document.cookie = `theme=${theme}; path=/; max-age=${age}; SameSite=Lax`;
  };
  const apply = () => {
    document.documentElement.dataset.bsTheme = read() ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("focus", apply);  // another tab may have chosen otherwise

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const other = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    write(other);
    document.documentElement.dataset.bsTheme = other;
  });
})();
