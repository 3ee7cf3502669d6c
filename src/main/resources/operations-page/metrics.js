/** Prometheus' text format, as much of it as the page needs. */

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \S+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

function value(text) {
  return text === '+Inf' ? Infinity : text === 'NaN' ? NaN : Number(text);
}

/** @param {string} text what `/observe/metrics` answers */
export function parse(text) {
  const samples = new Map();
  for (const line of text.split('\n')) {
    const [, name, labels, number] = (line.startsWith('#') ? null : SAMPLE.exec(line)) ?? [];
    if (name) {
      const all = samples.get(name) ?? [];
      all.push({labels: new Map([...(labels ?? '').matchAll(LABEL)].map(([, label, of]) => [label, of])),
        value: value(number)});
      samples.set(name, all);
    }
  }
  return {
    /** One that has no labels; not a number where it is not there. */
    gauge: (name) => samples.get(name)?.[0].value ?? NaN,
    label: (name, label) => samples.get(name)?.[0].labels.get(label) ?? '',
    /** How many took at most so many seconds, by those seconds, whatever the other labels say. */
    buckets: (name) => {
      const counts = new Map();
      for (const sample of samples.get(`${name}_bucket`) ?? []) {
        const most = value(sample.labels.get('le') ?? '');
        counts.set(most, (counts.get(most) ?? 0) + sample.value);
      }
      return new Map([...counts].sort(([a], [b]) => a - b));
    },
  };
}

/**
 * A quantile of what was counted between two readings, as Prometheus' `histogram_quantile` estimates it.
 *
 * @returns {?{seconds: number, isBelow: boolean, isAbove: boolean}} below the first bucket's bound or above the last
 *     one's, where no more can be said; null where nothing was counted
 */
export function quantile(q, before, after) {
  const counted = [...after].map(([most, count]) => [most, count - (before.get(most) ?? 0)]);
  const total = counted.at(-1)?.[1] ?? 0;
  if (total <= 0) {
    return null;
  }
  const rank = q * total;
  const place = counted.findIndex(([, count]) => count >= rank);
  const [most, count] = counted[place];
  const [least, below] = place === 0 ? [0, 0] : counted[place - 1];
  if (place === 0) {
    return {seconds: most, isBelow: true, isAbove: false};
  }
  if (most === Infinity) {
    return {seconds: least, isBelow: false, isAbove: true};
  }
  return {seconds: least + (most - least) * (rank - below) / (count - below), isBelow: false, isAbove: false};
}
