import HTTP

/// 静态文件 The style, the small script and the mark: built into the program, nothing from elsewhere.
enum Assets {
    static func routes() -> [Route] {
        [
            Route(.get, "/console/assets/console.css", name: "consoleStyle") { _, _ in
                answer(PackageResources.console_css, "text/css; charset=utf-8")
            },
            Route(.get, "/console/assets/console.js", name: "consoleScript") { _, _ in
                answer(PackageResources.console_js, "text/javascript; charset=utf-8")
            },
            Route(.get, "/console/assets/mark.svg", name: "consoleMark") { _, _ in
                answer(PackageResources.mark_svg, "image/svg+xml")
            },
        ]
    }

    private static func answer(_ octets: [UInt8], _ mediaType: String) -> Response {
        Page.secured(.octets(octets, mediaType: mediaType)).with("cache-control", "max-age=300")
    }
}
