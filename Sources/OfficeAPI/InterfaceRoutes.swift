package import HTTP

/// 接口说明 The description of this interface, OpenAPI 3.1, built into the program: `Docs/api/openapi.json`.
package enum InterfaceRoutes {
    /// `/api/openapi.json`, for everybody.
    package static func routes() -> [Route] {
        [
            Route(.get, "/api/openapi.json", name: "interface") { _, _ in
                Response.json(PackageResources.openapi_json).with("cache-control", "max-age=300")
            }
        ]
    }
}
