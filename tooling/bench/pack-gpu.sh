#!/usr/bin/env bash
# Packs what a Linux machine with a GPU, but without npm, needs to run bench:gpu: this Node, the built benchmark in one file, the
# webgpu package and the Vulkan loader. Unpack there, and run ./run.sh. Wants the packages built.
set -euo pipefail
cd "$(dirname "$0")"
target=${1:-../../out/bench-gpu.tar.xz}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=$work/bench-gpu
mkdir -p "$name/node_modules/webgpu/dist" "$(dirname "$target")"
node --input-type=module -e '
  import { build } from "esbuild";
  await build({ entryPoints: ["dist/gpu/main.js"], bundle: true, platform: "node", format: "esm", external: ["webgpu"], outfile: process.argv[1], logLevel: "warning" });
' "$name/bench-gpu.mjs"
webgpu=$(node -p 'require("path").dirname(require.resolve("webgpu"))')
platform=$(node -p '`${process.platform}-${process.arch}`')
cp "$webgpu/index.js" "$webgpu/package.json" "$webgpu/LICENSE.md" "$name/node_modules/webgpu/"
cp -r "$webgpu/dist/$platform" "$name/node_modules/webgpu/dist/"
cp "$(node -p process.execPath)" "$name/node"
strip "$name/node" 2>/dev/null || true
# The machine's own loader is preferred; this one is for machines that have a driver and no loader.
loader=$(ldconfig -p | sed -n 's/.*libvulkan\.so\.1 .*=> //p' | head -1)
if [ -z "$loader" ] && [ -e /usr/lib/chromium/libvulkan.so.1 ]; then loader=/usr/lib/chromium/libvulkan.so.1; fi
if [ -n "$loader" ]; then mkdir "$name/vulkan" && cp -L "$loader" "$name/vulkan/"; fi
cat > "$name/run.sh" <<'RUN'
#!/usr/bin/env bash
cd "$(dirname "$0")"
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$PWD/vulkan" XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"
exec ./node bench-gpu.mjs "$@"
RUN
chmod +x "$name/run.sh"
tar -C "$work" -cJf "$target" bench-gpu
bytes=$(stat -c %s "$target")
echo "$target: $((bytes / 1000000)) MB"
if [ "$bytes" -ge 60000000 ]; then
  echo "that is more than 60 MB" >&2
  exit 1
fi
