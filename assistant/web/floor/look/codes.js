// Which codes somebody means who types a part of one; the same as assistant/floor/codes.py, for a page without a server.
const KEYS = [
  [0x1100, "r R s e E f a q Q t T d w W c z x v g"],
  [0x1161, "k o i O j p u P h hk ho hl y n nj np nl b m ml l"],
  [0x11a8, "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g"],
];
const KEY_OF = new Map(
  KEYS.flatMap(([first, keys]) => keys.split(" ").map((key, place) => [String.fromCharCode(first + place), key])),
);

export function plain(typed) {
  const keys = [...typed.normalize("NFKD")].map((letter) => KEY_OF.get(letter) ?? letter).join("");
  return keys.toUpperCase().replace(/[^A-Z0-9]/g, "");
}

const parts = (code) => /^([A-Z]*)0*(.*)$/.exec(code).slice(1);

export function codesLike(typed, codes) {
  const wanted = plain(typed);
  if (!wanted) return [];
  const exact = codes.filter((code) => plain(code) === wanted);
  if (exact.length) return exact.slice(0, 1);
  const [letters, number] = parts(wanted);
  const same = codes.filter((code) => {
    const [own, digits] = parts(plain(code));
    return letters && number && own === letters && digits === number;
  });
  if (same.length === 1) return same;
  return codes.filter((code) => {
    const [own, digits] = parts(plain(code));
    return plain(code).includes(wanted) || (number && own === letters && digits.startsWith(number));
  });
}

// Words without a server: alarms that share pairs of letters with what was typed, the most first.
const pairs = (text) => {
  const found = new Set();
  for (const word of text.toLowerCase().match(/[a-z0-9]{3,}|[가-힣]+/g) ?? []) {
    if (/[가-힣]/.test(word)) for (let at = 0; at + 2 <= Math.max(word.length, 2); at++) found.add(word.slice(at, at + 2));
    else found.add(word.slice(0, 5));
  }
  return found;
};

export function alarmsWith(words, alarms) {
  const wanted = pairs(words);
  return alarms
    .map((alarm) => {
      const held = pairs([alarm.meaning, ...alarm.facts.map((fact) => fact[1]), alarm.remedy[1]].join(" "));
      return { alarm, shared: [...wanted].filter((pair) => held.has(pair)).length };
    })
    .filter((each) => each.shared)
    .sort((one, other) => other.shared - one.shared)
    .slice(0, 5)
    .map((each) => each.alarm);
}
