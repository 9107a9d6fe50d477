/** Reads what `ByteSink` writes: bytes of the WebAssembly binary format. */
export class ByteSource {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new TypeError('a WebAssembly module ends too early');
    return value;
  }

  raw(length: number): Uint8Array {
    const values = this.bytes.slice(this.at, this.at + length);
    this.at += length;
    return values;
  }

  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** A signed LEB128 of up to 64 bits. */
  signed(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - (1n << (shift + 7n));
    }
  }

  float32(): number {
    return new DataView(this.raw(4).buffer).getFloat32(0, true);
  }

  float64(): number {
    return new DataView(this.raw(8).buffer).getFloat64(0, true);
  }

  text(): string {
    return new TextDecoder().decode(this.raw(this.unsigned()));
  }

  list<T>(read: (source: this) => T): T[] {
    return Array.from({ length: this.unsigned() }, () => read(this));
  }
}
