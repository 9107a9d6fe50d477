// What must hold of the built site beyond what VitePress checks.
export function checkSite(outDir: string): void {
  console.log(outDir);
}
