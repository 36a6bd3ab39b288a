// The reader's choice of light or dark, before anything is drawn.
const chosen = localStorage.getItem("assistant-theme");
if (chosen) document.documentElement.dataset.theme = chosen;
