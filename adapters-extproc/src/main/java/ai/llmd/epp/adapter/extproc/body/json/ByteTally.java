package ai.llmd.epp.adapter.extproc.body.json;

import ai.llmd.epp.domain.request.ByteSink;

/** Counts the bytes that it is given. */
final class ByteTally implements ByteSink {

  private int bytes;

  @Override
  public void write(byte[] source, int offset, int length) {
    bytes += length;
  }

  int bytes() {
    return bytes;
  }
}
