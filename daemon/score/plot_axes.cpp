#include "daemon/score/plot_script.h"

namespace proactive::daemon {

const std::string_view kPlotStyle = R"CSS(
body { font: 14px/1.4 system-ui, sans-serif; color: #1f2933; background: #fff; margin: 24px auto; max-width: 1280px; padding: 0 16px; }
h1 { font-size: 20px; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 4px 0 10px; color: #52606d; }
.frame { position: relative; }
canvas { display: block; width: 100%; cursor: crosshair; }
#tip { position: absolute; pointer-events: none; background: #fff; border: 1px solid #9aa5b1; border-radius: 4px; padding: 6px 8px;
  font-size: 12px; white-space: pre-line; box-shadow: 0 2px 6px rgba(0,0,0,.15); display: none; max-width: 320px; overflow-wrap: anywhere; }
.key span { display: inline-block; margin-right: 18px; }
.key i { display: inline-block; width: 22px; height: 10px; margin-right: 6px; vertical-align: baseline; }
table { border-collapse: collapse; margin-top: 8px; font-size: 13px; }
th, td { text-align: left; padding: 3px 14px 3px 0; border-bottom: 1px solid #e4e7eb; }
td.n { font-variant-numeric: tabular-nums; text-align: right; }
tbody tr { cursor: pointer; }
tbody tr:hover { background: #f5f7fa; }
)CSS";

const std::string_view kPlotBody = R"HTML(<p id="summary"></p>
<p class="key"><span><i style="background:#1f4e8c;height:3px;vertical-align:middle"></i><b id="name"></b></span>
<span><i style="background:#cfe0f3"></i><span id="band"></span></span>
<span><i style="background:#e8740c;height:3px;vertical-align:middle"></i>score</span>
<span><i style="background:rgba(208,36,36,.22)"></i>anomaly</span></p>
<div class="frame"><canvas id="plot" height="520"></canvas><div id="tip"></div></div>
<p>Drag to zoom, double-click for all.</p>
<h2 id="list" style="font-size:16px"></h2><table><thead></thead><tbody></tbody></table>
)HTML";

const std::string_view kPlotAxes = R"JS(
'use strict';
const D = JSON.parse(document.getElementById('data').textContent);
const byId = id => document.getElementById(id);
const two = n => String(n).padStart(2, '0');
const short = v => v === null || v === undefined ? '-' : Math.abs(v) >= 1e6 || (v !== 0 && Math.abs(v) < 1e-4)
  ? v.toExponential(3) : String(+v.toPrecision(5));

// Milliseconds between local time and UTC. Browsers know zones by name; one that they don't know is shown as UTC.
let zoneFormat = null;
try {
  if (D.zone !== 'UTC') zoneFormat = new Intl.DateTimeFormat('en-US', {timeZone: D.zone, hourCycle: 'h23', year: 'numeric',
    month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric'});
} catch (unknown) { zoneFormat = null; }
const offsets = new Map();
function offsetAt(ms) {
  if (!zoneFormat) return 0;
  const hour = Math.floor(ms / 900000);
  if (!offsets.has(hour)) {
    const part = {};
    for (const p of zoneFormat.formatToParts(new Date(hour * 900000))) part[p.type] = +p.value;
    offsets.set(hour, Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - hour * 900000);
  }
  return offsets.get(hour);
}
const local = ms => new Date(ms + offsetAt(ms));
function dateText(ms, seconds) {
  const d = local(ms);
  return d.getUTCFullYear() + '-' + two(d.getUTCMonth() + 1) + '-' + two(d.getUTCDate()) + ' ' + two(d.getUTCHours()) + ':' +
    two(d.getUTCMinutes()) + (seconds ? ':' + two(d.getUTCSeconds()) : '');
}
const placeText = (ms, row) => D.timed ? dateText(ms, true) : 'row ' + row;

function niceStep(span, most) {
  const raw = span / most, ten = Math.pow(10, Math.floor(Math.log10(raw)));
  for (const m of [1, 2, 5, 10]) if (m * ten >= raw) return m * ten;
  return 10 * ten;
}
function numberTicks(from, to, most) {
  const step = niceStep(to - from || 1, most), ticks = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; ++i) ticks.push(i * step);
  const digits = Math.max(0, Math.min(10, -Math.floor(Math.log10(step) + 1e-9)));
  const wide = Math.abs(from) >= 1e6 || Math.abs(to) >= 1e6;
  return ticks.map(v => [v, wide || digits > 6 ? v.toExponential(2) : v.toFixed(digits)]);
}
const kSteps = [1e3, 5e3, 15e3, 30e3, 6e4, 3e5, 9e5, 18e5, 36e5, 108e5, 216e5, 432e5, 864e5, 2 * 864e5, 7 * 864e5];
function dateTicks(from, to, most) {
  const step = kSteps.find(s => (to - from) / s <= most), ticks = [];
  if (!step) {  // months, years
    const months = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600].find(m => (to - from) / (m * 30.4 * 864e5) <= most) || 1200;
    const d = local(from);
    for (let k = Math.floor((d.getUTCFullYear() * 12 + d.getUTCMonth()) / months) * months; ; k += months) {
      const wall = Date.UTC(Math.floor(k / 12), k % 12, 1), ms = wall - offsetAt(wall);
      if (ms > to) return ticks;
      if (ms >= from) ticks.push([ms, Math.floor(k / 12) + '-' + two(k % 12 + 1)]);
    }
  }
  const shift = step === 7 * 864e5 ? 4 * 864e5 : 0;  // weeks begin on Mondays
  let wall = Math.ceil((from + offsetAt(from) - shift) / step) * step + shift;
  for (; ; wall += step) {
    const ms = wall - offsetAt(wall - offsetAt(wall));
    if (ms > to) return ticks;
    const d = new Date(wall), day = two(d.getUTCMonth() + 1) + '-' + two(d.getUTCDate());
    const clock = two(d.getUTCHours()) + ':' + two(d.getUTCMinutes());
    ticks.push([ms, step >= 864e5 ? d.getUTCFullYear() + '-' + day
      : step < 6e4 ? clock + ':' + two(d.getUTCSeconds()) : wall % 864e5 === 0 ? day : clock]);
  }
}
)JS";

}  // namespace proactive::daemon
