package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.json.Utf8Output;

/** Counts the bytes that it is given. */
final class ByteTally extends Utf8Output {

  private int bytes;

  ByteTally(int expectedBytes) {
    super(expectedBytes);
  }

  @Override
  protected void write(byte[] source, int offset, int length) {
    bytes += length;
  }

  int bytes() {
    return bytes;
  }
}
