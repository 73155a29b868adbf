#include "daemon/score/plot_script.h"

namespace proactive::daemon {

const std::string_view kPlotScript = R"JS(
const N = D.row.length;
const X = D.timed ? D.ms : D.row;
const lastX = N ? (D.timed ? D.ms[N - 1] : D.row[N - 1] + D.count[N - 1] - 1) : 1;
let full = N ? [X[0], lastX] : [0, 1];
if (full[0] === full[1]) full = [full[0] - (D.timed ? 6e4 : 0.5), full[1] + (D.timed ? 6e4 : 0.5)];
let view = full.slice();
const canvas = byId('plot'), tip = byId('tip'), c = canvas.getContext('2d');
const margin = {left: 72, right: 14, top: 10, bottom: 26, between: 18};
const logs = D.multivariate;
const up = v => logs ? Math.log10(1 + Math.max(v, 0)) : v;
let W = 0, H = 0, dragFrom = null, dragTo = null;

const xOf = v => margin.left + (v - view[0]) / (view[1] - view[0]) * (W - margin.left - margin.right);
const vOf = px => view[0] + (px - margin.left) / (W - margin.left - margin.right) * (view[1] - view[0]);
function visible() {
  let a = 0, b = N - 1;
  while (a < b && X[a + 1] < view[0]) ++a;
  while (b > a && X[b - 1] > view[1]) --b;
  return [a, b];
}
function scaleOf(from, to, top, bottom) {
  return v => bottom - (v - from) / (to - from) * (bottom - top);
}
function valueRange(a, b) {
  let lo = Infinity, hi = -Infinity, low = Infinity, high = -Infinity;
  for (let i = a; i <= b; ++i) {
    if (D.least[i] !== null) { lo = Math.min(lo, up(D.least[i])); hi = Math.max(hi, up(D.most[i])); }
    if (D.low[i] !== null) { low = Math.min(low, up(D.low[i])); high = Math.max(high, up(D.high[i])); }
  }
  if (lo > hi) return [0, 1];
  const span = hi - lo || Math.abs(hi) || 1;  // a band far wider than the values is cut
  lo = Math.min(lo, Math.max(low, lo - span)); hi = Math.max(hi, Math.min(high, hi + span));
  const room = 0.05 * (hi - lo) || 0.5 * (Math.abs(hi) || 1);
  return [logs ? 0 : lo - room, hi + room];
}
function logTicks(from, to) {
  const marks = [0];
  for (let ten = 1; ten < 1e12; ten *= 10) for (const m of to - from > 3 ? [1] : [1, 2, 5]) marks.push(m * ten);
  return marks.filter(v => up(v) >= from && up(v) <= to).map(v => [up(v), v < 1e5 ? String(v) : v.toExponential(0)]);
}
// Where rows are missing for long the line breaks: five times the usual distance of buckets.
const gaps = X.slice(1).map((x, i) => x - X[i]).sort((p, q) => p - q);
const longGap = D.timed && gaps.length ? 5 * Math.max(gaps[gaps.length >> 1], 1) : Infinity;
// One point a pixel column where buckets are denser than pixels: [x, least, most].
function columns(a, b, least, most) {
  const out = [];
  for (let i = a; i <= b; ++i) {
    const x = xOf(X[i]);
    if (i > a && X[i] - X[i - 1] > longGap) out.push([x, null, null]);
    const last = out[out.length - 1];
    if (least[i] === null) { if (last && last[1] !== null) out.push([x, null, null]); continue; }
    if (last && last[1] !== null && Math.floor(last[0]) === Math.floor(x)) {
      last[1] = Math.min(last[1], least[i]); last[2] = Math.max(last[2], most[i]);
    } else out.push([x, least[i], most[i]]);
  }
  return out;
}
function axis(ticks, y, unit) {
  c.fillStyle = '#52606d'; c.textAlign = 'right'; c.textBaseline = 'middle';
  for (const [v, text] of ticks) {
    const at = Math.round(y(v)) + 0.5;
    c.strokeStyle = '#e4e7eb'; c.beginPath(); c.moveTo(margin.left, at); c.lineTo(W - margin.right, at); c.stroke();
    c.fillText(text, margin.left - 8, at);
  }
  c.textAlign = 'left'; c.fillStyle = '#1f2933'; c.fillText(unit, margin.left + 6, y.top + 9);
}
function clipTo(top, bottom, draw) {
  c.save(); c.beginPath(); c.rect(margin.left, top, W - margin.left - margin.right, bottom - top); c.clip(); draw(); c.restore();
}
function shadeAlarms(a, b, top, bottom) {
  c.fillStyle = 'rgba(208,36,36,.22)';
  for (let i = a; i <= b; ++i) {
    if (!D.anomaly[i]) continue;
    const from = i;
    while (i < b && D.anomaly[i + 1]) ++i;
    const left = xOf(X[from]), right = i + 1 < N ? xOf(X[i + 1]) : xOf(lastX);
    c.fillRect(left - 1, top, Math.max(2.5, Math.min(right, xOf(X[i]) + 3) - left + 1), bottom - top);
  }
}
function drawValue(a, b, top, bottom) {
  const [from, to] = valueRange(a, b), y = scaleOf(from, to, top, bottom);
  y.top = top;
  const ticks = logs ? logTicks(from, to)
    : numberTicks(from, to, 6);
  axis(ticks, y, logs ? 'T\u00b2' : 'value');
  clipTo(top, bottom, () => {
    shadeAlarms(a, b, top, bottom);
    c.fillStyle = '#cfe0f3';
    let run = [];
    const fill = () => {
      if (!run.length) return;
      c.beginPath();
      for (const p of run) c.lineTo(p[0], y(up(p[2])));
      for (const p of run.reverse()) c.lineTo(p[0], y(up(p[1])));
      c.globalAlpha = 0.75; c.fill(); c.globalAlpha = 1;
      run = [];
    };
    for (const p of columns(a, b, D.low, D.high)) { if (p[1] === null) fill(); else run.push(p); }
    fill();
    c.strokeStyle = '#1f4e8c'; c.fillStyle = '#1f4e8c'; c.lineWidth = 1.2; c.beginPath();
    let pen = false;
    const points = columns(a, b, D.least, D.most);
    for (const p of points) {
      if (p[1] === null) { pen = false; continue; }
      if (pen) c.lineTo(p[0], y(up(p[2]))); else c.moveTo(p[0], y(up(p[2])));
      if (p[1] !== p[2]) c.lineTo(p[0], y(up(p[1])));
      pen = true;
    }
    c.stroke(); c.lineWidth = 1;
    if (points.length < 150) for (const p of points) if (p[1] !== null) c.fillRect(p[0] - 1.5, y(up(p[2])) - 1.5, 3, 3);
    c.fillStyle = '#d02424';
    for (const alarm of D.alarms) {
      const x = xOf(D.timed ? alarm[10] : alarm[9]);
      if (alarm[4] === null || x < margin.left || x > W) continue;
      c.beginPath(); c.arc(x, y(up(alarm[4])), 3.5, 0, 7); c.fill();
    }
  });
}
function drawScore(a, b, top, bottom) {
  let most = 1.5 * D.theta;
  for (let i = a; i <= b; ++i) most = Math.max(most, 1.05 * D.score[i]);
  const y = scaleOf(0, most, top, bottom);
  y.top = top;
  axis(numberTicks(0, most, 4), y, 'score');
  clipTo(top, bottom, () => {
    shadeAlarms(a, b, top, bottom);
    c.strokeStyle = '#e8740c'; c.beginPath();
    let pen = false;
    for (const p of columns(a, b, D.score, D.score)) {
      if (p[1] === null) { pen = false; continue; }
      if (pen) c.lineTo(p[0], y(p[1])); else c.moveTo(p[0], y(p[1]));
      c.lineTo(p[0], y(p[2]));
      pen = true;
    }
    c.stroke();
    c.setLineDash([5, 4]); c.strokeStyle = '#d02424'; c.beginPath();
    c.moveTo(margin.left, y(D.theta)); c.lineTo(W - margin.right, y(D.theta)); c.stroke(); c.setLineDash([]);
  });
}
function draw() {
  const ratio = window.devicePixelRatio || 1;
  W = canvas.clientWidth; H = 520;
  canvas.width = W * ratio; canvas.height = H * ratio; canvas.style.height = H + 'px';
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.font = '12px system-ui, sans-serif';
  c.clearRect(0, 0, W, H);
  const bottom = H - margin.bottom, middle = margin.top + 0.64 * (bottom - margin.top);
  const ticks = (D.timed ? dateTicks : numberTicks)(view[0], view[1], Math.max(2, Math.floor(W / 110)));
  c.textAlign = 'center'; c.textBaseline = 'top';
  for (const [v, text] of ticks) {
    const x = Math.round(xOf(v)) + 0.5;
    if (x < margin.left || x > W - margin.right) continue;
    c.strokeStyle = '#f0f2f5'; c.beginPath(); c.moveTo(x, margin.top); c.lineTo(x, bottom); c.stroke();
    c.fillStyle = '#52606d'; c.fillText(D.timed ? text : 'row ' + text, Math.min(Math.max(x, margin.left + 20), W - 40), bottom + 8);
  }
  if (!N) return;
  const [a, b] = visible();
  drawValue(a, b, margin.top, middle);
  drawScore(a, b, middle + margin.between, bottom);
  if (dragFrom !== null && dragTo !== null) {
    c.fillStyle = 'rgba(31,78,140,.12)';
    c.fillRect(Math.min(dragFrom, dragTo), margin.top, Math.abs(dragTo - dragFrom), bottom - margin.top);
  }
}
function zoom(from, to) {
  const least = (full[1] - full[0]) / Math.max(D.rows, 10) * 4;
  if (to - from < least) { const m = (from + to) / 2; from = m - least / 2; to = m + least / 2; }
  view = [Math.max(full[0], from), Math.min(full[1], to)];
  draw();
}
function nearest(px) {
  const v = vOf(px);
  let a = 0, b = N - 1;
  while (a < b) { const m = (a + b) >> 1; if (X[m] < v) a = m + 1; else b = m; }
  return a > 0 && v - X[a - 1] < X[a] - v ? a - 1 : a;
}
function tell(px, py) {
  if (!N) return;
  const i = nearest(px), lines = [];
  if (D.entity[i]) lines.push(D.entity[i]);
  lines.push(placeText(D.peak_ms[i], D.row[i]) + (D.count[i] > 1 ? ' (oddest of ' + D.count[i] + ' rows)' : ''));
  lines.push((logs ? 'T\u00b2 ' : 'value ') + short(D.value[i]) + (D.expected[i] === null ? '' : ', expected ' + short(D.expected[i])));
  if (D.low[i] !== null) lines.push(logs ? '1 % of healthy rows above ' + short(D.high[i]) : 'usually ' + short(D.low[i]) + ' .. ' + short(D.high[i]));
  lines.push('score ' + short(D.score[i]) + (D.anomaly[i] ? ', anomaly' : ''));
  if (D.note[i]) lines.push(D.note[i].split(';').join('\n'));
  tip.textContent = lines.join('\n');
  tip.style.display = 'block';
  tip.style.left = Math.min(px + 14, W - tip.offsetWidth - 4) + 'px';
  tip.style.top = Math.max(0, Math.min(py + 14, H - tip.offsetHeight)) + 'px';
  draw();
  const x = Math.round(xOf(X[i])) + 0.5;
  c.strokeStyle = '#9aa5b1'; c.beginPath(); c.moveTo(x, margin.top); c.lineTo(x, H - margin.bottom); c.stroke();
}
canvas.addEventListener('mousemove', e => {
  const box = canvas.getBoundingClientRect();
  if (dragFrom !== null) dragTo = e.clientX - box.left;
  tell(e.clientX - box.left, e.clientY - box.top);
});
canvas.addEventListener('mouseleave', () => { tip.style.display = 'none'; dragFrom = dragTo = null; draw(); });
canvas.addEventListener('mousedown', e => { dragFrom = e.clientX - canvas.getBoundingClientRect().left; dragTo = null; });
canvas.addEventListener('mouseup', () => {
  if (dragTo !== null && Math.abs(dragTo - dragFrom) > 6) zoom(vOf(Math.min(dragFrom, dragTo)), vOf(Math.max(dragFrom, dragTo)));
  dragFrom = dragTo = null;
});
canvas.addEventListener('dblclick', () => zoom(full[0], full[1]));
window.addEventListener('resize', draw);

function fillTable() {
  const heads = [D.timed ? 'from' : 'from row', D.timed ? 'to' : 'to row', 'score', logs ? 'T\u00b2' : 'value', 'expected', logs ? 'contributors' : 'model'];
  if (D.alarms.some(a => a[7])) heads.unshift('entity');
  const head = document.querySelector('thead').insertRow();
  for (const text of heads) head.appendChild(document.createElement('th')).textContent = text;
  const body = document.querySelector('tbody');
  for (const a of D.alarms) {
    const cells = [D.timed ? dateText(a[2], true) : a[0], D.timed ? dateText(a[3], true) : a[1], short(a[6]), short(a[4]), short(a[5]), a[8]];
    if (heads[0] === 'entity') cells.unshift(a[7]);
    const row = body.insertRow(), first = D.timed ? a[2] : a[0], last = D.timed ? a[3] : a[1];
    cells.forEach((text, i) => {
      const cell = row.insertCell();
      cell.textContent = text;
      if (['score', 'value', 'T\u00b2', 'expected'].includes(heads[i])) cell.className = 'n';
    });
    const room = Math.max(2 * (last - first), (full[1] - full[0]) / 50);
    row.addEventListener('click', () => { zoom(first - room, last + room); window.scrollTo(0, 0); });
  }
  byId('list').textContent = D.alarm_count === 0 ? 'No anomalies' : D.alarm_count === 1 ? '1 anomaly'
    : D.alarm_count + ' anomalies' + (D.alarm_count > D.alarms.length ? ', the ' + D.alarms.length + ' oddest listed' : '');
}
byId('name').textContent = logs ? 'T\u00b2 of the smoothed row (logarithmic)' : 'value';
byId('band').textContent = logs ? 'up to the T\u00b2 that 1 % of healthy rows exceed' : 'expected (p = 0.01)';
byId('summary').textContent = D.rows.toLocaleString('en-US') + (D.rows === 1 ? ' row' : ' rows') +
  (D.timed && N ? ', ' + dateText(full[0], false) + ' to ' + dateText(full[1], false) + ' ' + (zoneFormat ? D.zone : 'UTC') : '') +
  ', threshold ' + D.theta + (N && D.count[0] > 1 ? ', ' + D.count[0] + ' rows a point' : '');
fillTable();
draw();
document.body.dataset.drawn = 'yes';
)JS";

}  // namespace proactive::daemon
