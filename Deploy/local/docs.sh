#!/usr/bin/env bash
# The static documentation site from Docs/*.md: one page a file, an index, the interface description. Prints its path.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$here/../.."
python=
for candidate in python3 /usr/bin/python3; do
    if [[ -z $python ]] && $candidate -c 'import markdown' 2>/dev/null; then python=$candidate; fi
done
[[ -n $python ]] || { echo "docs.sh: the package python3-markdown is missing: make deps installs it" >&2; exit 4; }
$python - <<'PY'
import html, os, pathlib, shutil, markdown

site = pathlib.Path(".build/site")
shutil.rmtree(site, ignore_errors=True)
site.mkdir(parents=True)
style = ("body{font:16px/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430}"
         "table{border-collapse:collapse}td,th{border:1px solid #c8d0da;padding:.3rem .6rem;text-align:left;vertical-align:top}"
         "pre{background:#f3f5f8;padding:.8rem;overflow:auto}a{color:#0b5cad}")
pages = [pathlib.Path("README.md"), *sorted(pathlib.Path("Docs").rglob("*.md"))]
links = []
for page in pages:
    name = "-".join(page.with_suffix("").parts) + ".html"
    text = page.read_text(encoding="utf-8")
    title = text.splitlines()[0].lstrip("# ")
    body = markdown.markdown(text, extensions=["tables", "fenced_code"])
    (site / name).write_text(f"<!doctype html><html lang=zh><meta charset=utf-8><title>{html.escape(title)}</title>"
                             f"<style>{style}</style><p><a href=index.html>index</a></p>{body}</html>", encoding="utf-8")
    links.append(f"<li><a href='{name}'>{html.escape(title)}</a>")
shutil.copy("Docs/api/openapi.json", site / "openapi.json")
(site / "index.html").write_text("<!doctype html><html lang=zh><meta charset=utf-8><title>Documentation</title>"
                                 f"<style>{style}</style><h1>Documentation</h1><ul>{''.join(links)}"
                                 "<li><a href=openapi.json>openapi.json</a></ul></html>", encoding="utf-8")
print(f"{site.resolve()}/index.html  {len(pages)} pages")
PY
