"use strict";
(function () {
  var table = document.getElementById("findings");
  var tools = document.getElementById("tools");
  var make = function (name, text, type) {
    var element = document.createElement(name);
    if (text) element.textContent = text;
    if (type) element.className = type;
    return element;
  };
  var details = Array.prototype.slice.call(document.querySelectorAll("details.finding"));

  // A link to a finding opens it, also in browsers that would not by themselves.
  var reveal = function () {
    var id = location.hash.slice(1);
    var target = id.indexOf("f-") === 0 ? document.getElementById(id) : null;
    if (!target) return;
    target.parentElement.open = true;
    target.parentElement.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  // Copying.
  Array.prototype.forEach.call(document.querySelectorAll("pre.cli"), function (pre) {
    if (!navigator.clipboard) return;
    var button = make("button", "Copy", "tool");
    button.type = "button";
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(pre.textContent).then(function () { button.textContent = "Copied"; });
    });
    pre.after(button);
  });

  // Printing shows everything.
  addEventListener("beforeprint", function () { details.forEach(function (d) { d.open = true; }); });

  if (!table || !tools) { reveal(); return; }
  var body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows);
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });

  // Filtering by words and by severity.
  var search = make("input");
  search.type = "search";
  search.placeholder = "Filter findings";
  search.setAttribute("aria-label", "Filter findings");
  var boxes = ["critical", "high", "medium", "low"].map(function (name) {
    var label = make("label");
    var box = make("input");
    box.type = "checkbox";
    box.checked = true;
    box.value = name;
    label.append(box, " " + name[0].toUpperCase() + name.slice(1));
    box.addEventListener("change", function () { filter(); });
    tools.append(label);
    return box;
  });
  tools.prepend(search);
  var count = make("span", "", "quiet");
  count.setAttribute("role", "status");
  var filter = function () {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var on = {};
    boxes.forEach(function (box) { on[box.value] = box.checked; });
    var shown = 0;
    rows.forEach(function (row, i) {
      var keep = on[row.dataset.severity] && words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      row.hidden = !keep;
      if (keep) shown += 1;
    });
    count.textContent = shown + " of " + rows.length + " shown";
  };
  search.addEventListener("input", filter);

  // Opening and closing all details.
  [["Expand all", true], ["Collapse all", false]].forEach(function (pair) {
    var button = make("button", pair[0], "tool");
    button.type = "button";
    button.addEventListener("click", function () { details.forEach(function (d) { d.open = pair[1]; }); });
    tools.append(button);
  });
  tools.append(count);

  // Sorting.
  var value = function (row, column) {
    var cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent : cell.dataset.sort;
  };
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
    var button = make("button", head.textContent);
    button.type = "button";
    head.textContent = "";
    head.append(button);
    button.addEventListener("click", function () {
      var numbers = head.dataset.kind === "number";
      var was = head.getAttribute("aria-sort");
      var down = was ? was === "ascending" : numbers;
      Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      var sorted = rows.slice().sort(function (a, b) {
        var x = value(a, column), y = value(b, column);
        var order = numbers ? x - y : x < y ? -1 : x > y ? 1 : 0;
        return down ? -order : order;
      });
      body.append.apply(body, sorted);
    });
  });

  filter();
  tools.hidden = false;
  reveal();
})();
