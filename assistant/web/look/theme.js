// The reader's choice of light or dark, before anything is drawn; kept for a year where the pages without script see it too.
(() => {
  const root = document.documentElement;
  const chosen = document.cookie.match(/(?:^|; )assistant-theme=(dark|light)/);
  if (chosen) root.dataset.theme = chosen[1];
  root.dataset.script = "";
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-do=theme]")) return;
    const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    document.cookie = `assistant-theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  });
})();
