"use strict";
// Says what a chart shows under the pointer. Everything is readable without it.
(function () {
  var figures = JSON.parse(document.getElementById("figures").textContent);
  function short(v, digits) { return String(parseFloat(v.toFixed(digits))); }
  function says(v, unit) {
    if (v === null || v === undefined) return "–";
    if (unit === "ms") return v >= 1000 ? short(v / 1000, 2) + " s" : short(v, v < 10 ? 1 : 0) + " ms";
    if (unit === "%") return short(100 * v, 1) + " %";
    return short(v, v < 10 ? 2 : v < 100 ? 1 : 0) + unit;
  }
  function clock(ms) {
    if (ms < 60000) return short(ms / 1000, 1) + " s";
    return Math.floor(ms / 60000) + ":" + String(Math.floor(ms / 1000) % 60).padStart(2, "0");
  }
  document.querySelectorAll(".plot").forEach(function (plot) {
    var chart = figures.charts[plot.dataset.chart];
    var out = document.querySelector('output[data-of="' + plot.dataset.chart + '"]');
    var hair = document.createElement("span");
    hair.className = "hair";
    hair.hidden = true;
    plot.appendChild(hair);
    function show(event) {
      var box = plot.getBoundingClientRect(), n = chart.lines[0].values.length;
      var i = Math.min(n - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * n)));
      hair.hidden = false;
      hair.style.left = 100 * (i + 0.5) / n + "%";
      var at = !chart.names && figures.slices ? figures.slices[i] : i;
      if (at < 0) { out.textContent = "nothing happened here"; return; }
      out.textContent = (chart.names ? chart.names[i] : clock(at * figures.slice_ms)) + ": " + chart.lines.map(function (l) { return l.name + " " + says(l.values[i], chart.unit); }).join(", ");
    }
    plot.addEventListener("pointermove", show);
    plot.addEventListener("pointerdown", show);
    plot.addEventListener("pointerleave", function () { hair.hidden = true; out.textContent = ""; });
  });
  document.documentElement.dataset.ready = "yes";
})();
