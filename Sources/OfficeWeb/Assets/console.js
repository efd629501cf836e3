// Live progress of a job; without it the page is reloaded by hand.
(function () {
    "use strict";
    var place = document.getElementById("progress");
    if (!place || !place.dataset.source || !window.EventSource) { return; }
    var source = new EventSource(place.dataset.source);
    function show(id) {
        return function (event) { document.getElementById(id).innerHTML = event.data; };
    }
    source.addEventListener("stages", show("stages"));
    source.addEventListener("instruction", show("instruction"));
    source.addEventListener("pause", function () { source.close(); });
    source.addEventListener("end", function () { source.close(); window.location.reload(); });
}());
