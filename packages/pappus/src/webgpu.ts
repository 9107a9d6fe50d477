/** The GPU backend, by a way of its own: who computes on the CPU carries nothing of it. */
export * from '@pappus/backend-webgpu';
